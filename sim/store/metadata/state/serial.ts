/** The `<writer>.<incarnation>.<counter>` of which block ids and tokens are made: of one writer, larger is later. */
export interface Serial {
  readonly writer: string;
  readonly incarnation: number;
  readonly counter: number;
}

/** Reads a block's id or a token; undefined if it has another form. The writer's name may hold dots itself. */
export function parseSerial(text: string): Serial | undefined {
  const last = text.lastIndexOf('.');
  const middle = text.lastIndexOf('.', last - 1);
  if (last <= 0 || middle <= 0) return undefined;
  const incarnation = parseCount(text, middle + 1, last);
  const counter = parseCount(text, last + 1, text.length);
  if (incarnation === undefined || counter === undefined) return undefined;
  return { writer: text.slice(0, middle), incarnation, counter };
}

/** Digits by hand: this runs for every write on every member. */
function parseCount(text: string, start: number, end: number): number | undefined {
  if (start >= end) return undefined;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return Number.isSafeInteger(value) ? value : undefined;
}

/** By writer the latest serial of those that were let go: one entry a writer, however many they were. */
export class SerialFloors {
  readonly #latest = new Map<string, Serial>();

  get isEmpty(): boolean {
    return this.#latest.size === 0;
  }

  /** Raises the writer's floor to `serial`, unless it is higher already. */
  raise(serial: Serial): void {
    if (!this.covers(serial)) this.#latest.set(serial.writer, serial);
  }

  /** Whether `serial` is at its writer's floor or below. */
  covers({ writer, incarnation, counter }: Serial): boolean {
    const latest = this.#latest.get(writer);
    if (latest === undefined) return false;
    return incarnation < latest.incarnation || (incarnation === latest.incarnation && counter <= latest.counter);
  }

  /** In the order in which writers were first let go of. */
  all(): Iterable<Serial> {
    return this.#latest.values();
  }
}
