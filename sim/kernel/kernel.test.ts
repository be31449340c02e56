import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeapKernel } from './heap-kernel.ts';
import { type EventHandler, type EventId, Kernel } from './kernel.ts';
import { SeededStream } from './random-stream.ts';

interface Run {
  readonly at: number;
  readonly op: number;
}

/** What to do at one event: schedule some, cancel some. Delays repeat often, so that ties are common. */
interface Step {
  readonly delays: readonly number[];
  readonly timeouts: readonly number[];
  readonly cancels: readonly number[];
}

type Contender = {
  schedule(delayMs: number, handler: EventHandler, op: number): () => void;
  timeout(delayMs: number, handler: EventHandler, op: number): () => void;
  readonly nowMs: number;
};

function contender(kernel: Kernel): Contender {
  const cancelling = (id: EventId) => () => {
    kernel.cancel(id);
  };
  return {
    schedule: (delayMs, handler, op) => cancelling(kernel.schedule(delayMs, handler, op, undefined)),
    timeout: (delayMs, handler, op) => cancelling(kernel.timeout(delayMs, handler, op, undefined)),
    get nowMs() {
      return kernel.nowMs;
    },
  };
}

function oracle(kernel: HeapKernel): Contender {
  const schedule = (delayMs: number, handler: EventHandler, op: number) => {
    const event = kernel.schedule(delayMs, handler, op, undefined);
    return () => kernel.cancel(event);
  };
  return {
    schedule,
    timeout: schedule,
    get nowMs() {
      return kernel.nowMs;
    },
  };
}

/** Plays steps one after the other, one at each event, until they are used up. */
class Player implements EventHandler {
  readonly runs: Run[] = [];
  readonly #kernel: Contender;
  readonly #steps: readonly Step[];
  readonly #cancels: (() => void)[] = [];
  #step = 0;
  #op = 0;

  constructor(kernel: Contender, steps: readonly Step[]) {
    this.#kernel = kernel;
    this.#steps = steps;
  }

  onEvent(op: number): void {
    this.runs.push({ at: this.#kernel.nowMs, op });
    const step = this.#steps[this.#step++];
    if (step === undefined) return;
    for (const delay of step.delays) this.#cancels.push(this.#kernel.schedule(delay, this, this.#op++));
    for (const delay of step.timeouts) this.#cancels.push(this.#kernel.timeout(delay, this, this.#op++));
    for (const which of step.cancels) this.#cancels[which % Math.max(1, this.#cancels.length)]?.();
  }
}

const DELAYS = {
  tied: fc.nat({ max: 4 }),
  uniform: fc.double({ min: 0, max: 100, noNaN: true }),
  bimodal: fc.oneof(fc.double({ min: 0, max: 0.01, noNaN: true }), fc.double({ min: 1e5, max: 2e5, noNaN: true })),
  bursts: fc.oneof(fc.constant(0), fc.constant(1000), fc.double({ min: 1000, max: 1000.001, noNaN: true })),
};

function expectSameAsHeap(steps: readonly Step[]): void {
  const kernel = new Kernel('property');
  const player = new Player(contender(kernel), steps);
  const heap = new HeapKernel();
  const expected = new Player(oracle(heap), steps);
  for (const each of [player, expected]) each.onEvent(-1);
  // In pieces, so that runs also end between events.
  for (const untilMs of [1, 50, 1000, 1e5, Number.POSITIVE_INFINITY]) {
    kernel.run(untilMs);
    heap.run(untilMs);
    expect(player.runs).toEqual(expected.runs);
    expect(kernel.nowMs).toBe(heap.nowMs);
  }
  expect(kernel.pendingCount).toBe(0);
}

/** Delays by phase of a long run: what a queue that adapts must survive. */
const PHASES: readonly ((random: SeededStream) => number)[] = [
  (random) => 2 * random.next(),
  (random) => random.exponential(0.001),
  (random) => (random.next() < 0.9 ? 0.01 * random.next() : 120_000 * random.next()),
  (random) => Math.ceil(3 * random.next()),
  () => 0,
  (random) => 1e9 * random.next(),
  (random) => (random.next() < 0.5 ? 1000 : 1000 + 1e-9 * random.next()),
  () => 5,
];

/** Holds `pending` events and changes the shape of their delays every few thousand. */
class Restless implements EventHandler {
  readonly runs: Run[] = [];
  readonly #kernel: Contender;
  readonly #random = new SeededStream('restless', 'kernel.test');
  readonly #events: number;
  readonly #cancels: (() => void)[] = [];
  #op = 0;

  constructor(kernel: Contender, pending: number, events: number) {
    this.#kernel = kernel;
    this.#events = events;
    for (let i = 0; i < pending; i++) this.#schedule();
  }

  onEvent(op: number): void {
    this.runs.push({ at: this.#kernel.nowMs, op });
    if (this.runs.length < this.#events) this.#schedule();
  }

  #schedule(): void {
    const phase = PHASES[Math.floor(this.runs.length / 5000) % PHASES.length];
    const delay = phase?.(this.#random) ?? 0;
    const chance = this.#random.next();
    if (chance < 0.1) this.#cancels.push(this.#kernel.timeout(Math.ceil(20 * chance) * 10, this, this.#op++));
    const cancel = this.#kernel.schedule(delay, this, this.#op++);
    if (chance > 0.8) {
      cancel();
      this.#kernel.schedule(delay, this, this.#op++);
    }
    if (chance < 0.09) this.#cancels.shift()?.();
  }
}

/** Keeps what it is told, with the time. */
class Recorder implements EventHandler {
  readonly runs: Run[] = [];
  readonly args: unknown[] = [];
  readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  onEvent(op: number, arg: unknown): void {
    this.runs.push({ at: this.kernel.nowMs, op });
    this.args.push(arg);
    if (typeof arg === 'function') arg();
  }

  get ops(): number[] {
    return this.runs.map((run) => run.op);
  }
}

function recorded(): { kernel: Kernel; recorder: Recorder } {
  const kernel = new Kernel('test');
  return { kernel, recorder: new Recorder(kernel) };
}

/** A collector of garbage on demand, whatever flags Node was started with. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

describe('the order of events', () => {
  it.each([1, 30, 1000, 20_000])('is that of a heap while %i events pend and their delays change shape', (pending) => {
    const kernel = new Kernel('restless');
    const actual = new Restless(contender(kernel), pending, 80_000);
    const heap = new HeapKernel();
    const expected = new Restless(oracle(heap), pending, 80_000);
    kernel.run(Number.POSITIVE_INFINITY);
    heap.run(Number.POSITIVE_INFINITY);
    const wrong = expected.runs.findIndex(({ at, op }, i) => actual.runs[i]?.at !== at || actual.runs[i]?.op !== op);
    expect({ wrong, events: actual.runs.length }).toEqual({ wrong: -1, events: expected.runs.length });
  });

  it('is that of a heap for 200,000 events scheduled at once and drained', () => {
    const random = new SeededStream('drain', 'kernel.test');
    const kernel = new Kernel('drain');
    const times: number[] = [];
    const note: EventHandler = { onEvent: () => times.push(kernel.nowMs) };
    const delays = Array.from({ length: 200_000 }, () => Math.exp(20 * random.next()));
    for (const delay of delays) kernel.schedule(delay, note, 0, undefined);
    kernel.run(Number.POSITIVE_INFINITY);
    expect(times).toEqual(delays.sort((a, b) => a - b));
  });

  for (const [shape, delay] of Object.entries(DELAYS)) {
    it(`is that of a binary heap of objects: ${shape} delays, cancels, timeouts`, () => {
      const step = fc.record({
        delays: fc.array(delay, { maxLength: 6 }),
        timeouts: fc.array(fc.constantFrom(0, 1, 2, 50, 1000), { maxLength: 2 }),
        cancels: fc.array(fc.nat(), { maxLength: 3 }),
      });
      fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), expectSameAsHeap), {
        seed: 1,
        numRuns: 100,
      });
    });
  }
});
describe('schedule', () => {
  it('passes op and argument and sets the time', () => {
    const { kernel, recorder } = recorded();
    kernel.schedule(3, recorder, 7, 'seven');
    kernel.scheduleAt(2, recorder, 8, 'eight');
    kernel.run(10);
    expect(recorder.runs).toEqual([
      { at: 2, op: 8 },
      { at: 3, op: 7 },
    ]);
    expect(recorder.args).toEqual(['eight', 'seven']);
    expect(kernel.nowMs).toBe(10);
    expect(kernel.eventCount).toBe(2);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('refuses the delay %s by name', (delay) => {
    const { kernel, recorder } = recorded();
    expect(() => kernel.schedule(delay, recorder, 0, undefined)).toThrow(RangeError);
    expect(() => kernel.schedule(delay, recorder, 0, undefined)).toThrow(`found ${delay}`);
    expect(() => kernel.timeout(delay, recorder, 0, undefined)).toThrow(`found ${delay}`);
    expect(kernel.pendingCount).toBe(0);
  });

  it('refuses a time that has passed', () => {
    const { kernel, recorder } = recorded();
    kernel.run(5);
    expect(() => kernel.scheduleAt(4.9, recorder, 0, undefined)).toThrow('found 4.9');
  });

  it('refuses an op that is no 32-bit integer', () => {
    const { kernel, recorder } = recorded();
    expect(() => kernel.schedule(1, recorder, 2147483648, undefined)).toThrow('found 2147483648');
    expect(() => kernel.schedule(1, recorder, 0.5, undefined)).toThrow('found 0.5');
    kernel.schedule(1, recorder, -2147483648, undefined);
    kernel.run(1);
    expect(recorder.ops).toEqual([-2147483648]);
  });

  it('runs what an event schedules for now after all that is due now, in the same run', () => {
    const { kernel, recorder } = recorded();
    kernel.schedule(1, recorder, 1, () => kernel.schedule(0, recorder, 3, undefined));
    kernel.schedule(1, recorder, 2, undefined);
    kernel.run(1);
    expect(recorder.ops).toEqual([1, 2, 3]);
  });

  it('keeps ties between timeouts and ordinary events in order of scheduling', () => {
    const { kernel, recorder } = recorded();
    for (let op = 0; op < 40; op++) {
      if (op % 3 === 0) kernel.timeout(5, recorder, op, undefined);
      else kernel.schedule(5, recorder, op, undefined);
    }
    kernel.run(5);
    expect(recorder.ops).toEqual(Array.from({ length: 40 }, (_, op) => op));
  });

  it('takes timeouts of more distinct delays than it keeps lists for', () => {
    const { kernel, recorder } = recorded();
    for (let op = 0; op < 50; op++) kernel.timeout(50 - op, recorder, op, undefined);
    kernel.run(25);
    for (let op = 50; op < 60; op++) kernel.timeout(100 + op, recorder, op, undefined);
    kernel.run(1000);
    expect(recorder.ops).toEqual([
      ...Array.from({ length: 50 }, (_, i) => 49 - i),
      ...Array.from({ length: 10 }, (_, i) => 50 + i),
    ]);
  });
});

describe('cancel', () => {
  it.each(['schedule', 'timeout'] as const)('takes back what %s set, once', (way) => {
    const { kernel, recorder } = recorded();
    kernel[way](1, recorder, 1, undefined);
    const id = kernel[way](1, recorder, 2, undefined);
    kernel[way](1, recorder, 3, undefined);
    expect(kernel.cancel(id)).toBe(true);
    expect(kernel.cancel(id)).toBe(false);
    expect(kernel.pendingCount).toBe(2);
    kernel.run(1);
    expect(recorder.ops).toEqual([1, 3]);
  });

  it('does nothing for a stale id, though its slot is in use again, nor for 0', () => {
    const { kernel, recorder } = recorded();
    const stale = [kernel.schedule(1, recorder, 1, undefined), kernel.timeout(1, recorder, 2, undefined)];
    kernel.run(1);
    for (let op = 3; op < 10; op++) kernel.schedule(1, recorder, op, undefined);
    for (const id of [...stale, 0, -1, 0.5, Number.NaN, 1e300]) expect(kernel.cancel(id)).toBe(false);
    kernel.run(2);
    expect(recorder.ops).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it.each(['schedule', 'timeout'] as const)('lets go of the argument that %s was given', async (way) => {
    const { kernel, recorder } = recorded();
    const references = [0, 1].map((which) => {
      const arg = { which };
      const id = kernel[way](which, recorder, which, arg);
      if (which === 1) kernel.cancel(id);
      return new WeakRef(arg);
    });
    kernel.run(0);
    recorder.args.length = 0;
    // A WeakRef holds until the current job ends.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(references.map((reference) => reference.deref())).toEqual([undefined, undefined]);
  });

  it.each(['schedule', 'timeout'] as const)(
    'keeps no room for far timers that %s set and that were cancelled',
    (way) => {
      const { kernel, recorder } = recorded();
      for (let i = 0; i < 500; i++) kernel.schedule(i, recorder, 0, undefined);
      let highest = 0;
      for (let i = 0; i < 100_000; i++) {
        const id = kernel[way](1e9, recorder, 1, undefined);
        // The low 24 bits of an id are its slot.
        highest = Math.max(highest, id % 0x1000000);
        kernel.cancel(id);
      }
      expect(highest).toBeLessThan(2000);
      kernel.run(1e9);
      expect(kernel.eventCount).toBe(500);
    },
  );
});

describe('run', () => {
  it('stops after the current event and goes on later', () => {
    const { kernel, recorder } = recorded();
    kernel.schedule(1, recorder, 1, () => kernel.stop());
    kernel.schedule(1, recorder, 2, undefined);
    kernel.run(5);
    expect([recorder.ops, kernel.nowMs]).toEqual([[1], 1]);
    kernel.run(5);
    expect([recorder.ops, kernel.nowMs]).toEqual([[1, 2], 5]);
  });

  it('without an end runs all events and stays at the time of the last', () => {
    const { kernel, recorder } = recorded();
    kernel.schedule(7, recorder, 1, undefined);
    kernel.run(Number.POSITIVE_INFINITY);
    expect([recorder.ops, kernel.nowMs]).toEqual([[1], 7]);
  });

  it('leaves the kernel usable when a handler throws', () => {
    const { kernel, recorder } = recorded();
    const bad: EventHandler = {
      onEvent: () => {
        throw new Error('bad handler');
      },
    };
    kernel.schedule(1, bad, 0, undefined);
    kernel.schedule(2, recorder, 1, undefined);
    expect(() => kernel.run(5)).toThrow('bad handler');
    kernel.run(5);
    expect(recorder.runs).toEqual([{ at: 2, op: 1 }]);
  });

  it('refuses to be called from an event, and an end that is no number', () => {
    const { kernel, recorder } = recorded();
    kernel.schedule(1, recorder, 0, () => kernel.run(2));
    expect(() => kernel.run(5)).toThrow('within an event');
    expect(() => kernel.run(Number.NaN)).toThrow('found NaN');
  });

  it('takes events scheduled before a far one that it has already looked at', () => {
    const { kernel, recorder } = recorded();
    for (let i = 0; i < 200; i++) kernel.schedule(1e6 + i, recorder, 9, undefined);
    kernel.run(10);
    for (let i = 0; i < 200; i++) kernel.schedule(200 - i, recorder, 1, undefined);
    kernel.run(1e5);
    expect(recorder.runs.map((run) => run.at)).toEqual(Array.from({ length: 200 }, (_, i) => 11 + i));
  });
});

describe('runUntil', () => {
  it('ends at the event that makes the condition hold, or at the limit', () => {
    const { kernel, recorder } = recorded();
    for (let i = 1; i <= 5; i++) kernel.schedule(i, recorder, i, undefined);
    expect(kernel.runUntil(() => recorder.ops.length === 2, 100)).toBe(true);
    expect(kernel.nowMs).toBe(2);
    expect(kernel.runUntil(() => recorder.ops.length === 9, 4.5)).toBe(false);
    expect([kernel.nowMs, recorder.ops.length]).toEqual([4.5, 4]);
    expect(kernel.runUntil(() => true, 100)).toBe(true);
    expect(kernel.nowMs).toBe(4.5);
  });
});

describe('observe', () => {
  it('ticks at whole multiples, before what happens at that time, and to the end of the run', () => {
    const { kernel, recorder } = recorded();
    const seen: [number, number][] = [];
    kernel.run(1);
    kernel.observe({ everyMs: 2, onTick: (nowMs) => seen.push([nowMs, kernel.eventCount]) });
    kernel.schedule(3, recorder, 1, undefined);
    kernel.run(5);
    kernel.run(8);
    kernel.observe(undefined);
    kernel.run(20);
    expect(seen).toEqual([
      [2, 0],
      [4, 0],
      [6, 1],
      [8, 1],
    ]);
  });

  it('changes neither events nor fingerprint', () => {
    const outcome = (observed: boolean) => {
      const kernel = new Kernel('observed');
      if (observed) kernel.observe({ everyMs: 0.7, onTick: () => undefined });
      const restless = new Restless(contender(kernel), 10, 500);
      kernel.run(1000);
      return [restless.runs, kernel.fingerprint()];
    };
    expect(outcome(true)).toEqual(outcome(false));
  });

  it('does not let the observer schedule', () => {
    const { kernel, recorder } = recorded();
    kernel.observe({ everyMs: 1, onTick: () => kernel.schedule(1, recorder, 0, undefined) });
    expect(() => kernel.run(5)).toThrow('may only read');
    expect(() => kernel.observe({ everyMs: 0, onTick: () => undefined })).toThrow('found 0');
  });
});

describe('stream', () => {
  it('is one object a name, and no other stream moves it', () => {
    const alone = new Kernel('s').stream('a');
    const kernel = new Kernel('s');
    const beside = kernel.stream('a');
    kernel.stream('b').next();
    expect(kernel.stream('a')).toBe(beside);
    expect(beside.next()).toBe(alone.next());
    expect(new Kernel('t').stream('a').next()).not.toBe(new Kernel('s').stream('a').next());
  });
});

describe('fingerprint', () => {
  function fingerprintAfter(change: (kernel: Kernel, recorder: Recorder) => void): string {
    const { kernel, recorder } = recorded();
    kernel.schedule(1, recorder, 1, undefined);
    kernel.stream('a').next();
    change(kernel, recorder);
    kernel.run(10);
    return kernel.fingerprint();
  }
  const plain = fingerprintAfter(() => undefined);

  it('is the same for the same, asked for or not, on any machine', () => {
    expect(fingerprintAfter((kernel) => kernel.fingerprint())).toBe(plain);
    expect(fingerprintAfter((kernel) => kernel.run(5))).toBe(plain);
    expect(plain).toMatchInlineSnapshot(`"dec8a050deb0377e"`);
  });

  it('does not depend on the order in which streams were first asked for', () => {
    const ask = (names: string[]) => fingerprintAfter((kernel) => names.map((name) => kernel.stream(name)));
    expect(ask(['x', 'y'])).toBe(ask(['y', 'x']));
  });

  it('changes with any event, its time or op, a cancel, a draw, a stream, a value mixed in', () => {
    const all = [
      plain,
      fingerprintAfter((kernel, recorder) => kernel.schedule(2, recorder, 1, undefined)),
      fingerprintAfter((kernel, recorder) => kernel.schedule(2, recorder, 2, undefined)),
      fingerprintAfter((kernel, recorder) => kernel.schedule(2.0000000000000004, recorder, 2, undefined)),
      fingerprintAfter((kernel, recorder) => kernel.cancel(kernel.schedule(2, recorder, 2, undefined))),
      fingerprintAfter((kernel, recorder) => kernel.schedule(20, recorder, 2, undefined)),
      fingerprintAfter((kernel) => kernel.stream('a').next()),
      fingerprintAfter((kernel) => kernel.stream('b')),
      fingerprintAfter((kernel) => kernel.mix(1)),
      fingerprintAfter((kernel) => kernel.mix(2)),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
