import type { EventHandler } from './event.ts';

interface HeapEvent {
  readonly timeMs: number;
  readonly sequence: number;
  readonly handler: EventHandler;
  readonly op: number;
  readonly arg: unknown;
  cancelled: boolean;
}

/**
 * The plainest kernel that can be right: a binary heap of objects. The oracle of the kernel's tests and
 * the yardstick of its benchmarks; too slow for anything else.
 */
export class HeapKernel {
  nowMs = 0;
  eventCount = 0;
  #sequence = 0;
  #stopped = false;
  readonly #heap: HeapEvent[] = [];

  schedule(delayMs: number, handler: EventHandler, op: number, arg: unknown): HeapEvent {
    const event = { timeMs: this.nowMs + delayMs, sequence: this.#sequence++, handler, op, arg, cancelled: false };
    const heap = this.#heap;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || before(above, event)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = event;
    return event;
  }

  cancel(event: HeapEvent): void {
    event.cancelled = true;
  }

  run(untilMs: number): void {
    this.#stopped = false;
    while (!this.#stopped) {
      const first = this.#heap[0];
      if (first === undefined || first.timeMs > untilMs) break;
      this.#removeFirst();
      if (first.cancelled) continue;
      this.nowMs = first.timeMs;
      this.eventCount++;
      first.handler.onEvent(first.op, first.arg);
    }
    if (!this.#stopped && untilMs < Number.POSITIVE_INFINITY) this.nowMs = untilMs;
  }

  stop(): void {
    this.#stopped = true;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      let below = heap[child];
      if (below === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, below)) {
        below = right;
        child++;
      }
      if (before(last, below)) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = last;
  }
}

function before(a: HeapEvent, b: HeapEvent): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.sequence < b.sequence);
}
