import { show } from '../fields.ts';
import { BadField, type LineParser, type TraceFormat, type TraceRecord } from '../trace/format.ts';

/**
 * Requests to a language model's key-value cache as JSON lines (Mooncake, FAST'25): each identity in
 * `hash_ids` is a block of 512 tokens that the request reads, in the order of its prompt.
 *
 * Each identity → one get of that block; the blocks of a line are issued together, by one client. Times
 * sit on a grid of 3 s upstream: the lines of one time are spread over their 3 s. The trace doesn't tell a
 * block's size, which depends on the model: 1 MB unless set.
 */
export const mooncake: TraceFormat = {
  name: 'mooncake',
  title: 'Mooncake JSON lines',
  gridMs: 3000,
  hasEpoch: false,
  unknownSizeBytes: 1024 * 1024,
  matches: (line) => line.startsWith('{') && line.includes('"hash_ids"'),
  parser: () => new MooncakeParser(),
};

class MooncakeParser implements LineParser {
  #lines = 0;

  parse(line: string): readonly TraceRecord[] {
    const { timestamp, hash_ids: ids } = fieldsOf(line);
    if (typeof timestamp !== 'number' || !(timestamp >= 0)) {
      throw new BadField('timestamp', textOf(timestamp), 'ms from the start, a number from 0');
    }
    if (!Array.isArray(ids) || !ids.every((id) => Number.isSafeInteger(id))) {
      throw new BadField('hash_ids', textOf(ids), 'an array of whole numbers');
    }
    const client = String(this.#lines++);
    return ids.map((id, i) => ({ timeMs: timestamp, op: 'get', key: `block/${id}`, client, joined: i > 0 }));
  }
}

function fieldsOf(line: string): { readonly timestamp?: unknown; readonly hash_ids?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null) throw new BadField('line', line, 'a JSON object');
  return value;
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : show(value);
}
