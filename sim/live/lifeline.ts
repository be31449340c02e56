/** Whether the process that ports belong to still lives. Once it has ended, ports are inert and no handler is called. */
export class Lifeline {
  ended = false;
}
