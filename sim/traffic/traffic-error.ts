/** Traffic that can't be played: a bad file, a bad line, a setting that makes no sense. The message is for people. */
export class TrafficError extends Error {
  override readonly name = 'TrafficError';
}
