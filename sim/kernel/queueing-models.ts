import type { EventHandler, RandomStream } from './kernel.ts';

/**
 * Queueing systems on the bare kernel, whose figures theory knows: for tests and benchmarks. The mean
 * service time is 1 ms, so that results are in units of 1/μ.
 */

/** What a model needs of a kernel. */
interface ModelKernel {
  readonly nowMs: number;
  readonly eventCount: number;
  schedule(delayMs: number, handler: EventHandler, op: number, arg: unknown): unknown;
  stream(name: string): RandomStream;
  run(untilMs: number): void;
}

export interface ModelResult {
  readonly customers: number;
  /** Arrivals and departures. */
  readonly events: number;
  /** Mean time from arrival to departure, in units of the mean service time. */
  readonly meanResponse: number;
}

const ARRIVAL = 0;
const DEPARTURE = 1;

/** M/M/c: Poisson arrivals at `load` × `servers`, one first-in first-out queue. M/M/1 with one server. */
export class SharedQueue implements EventHandler {
  readonly #kernel: ModelKernel;
  readonly #arrivals: RandomStream;
  readonly #services: RandomStream;
  readonly #interarrivalMs: number;
  readonly #waiting = new TimeFifo();
  #toArrive: number;
  #idle: number;
  #totalResponseMs = 0;

  constructor(kernel: ModelKernel, customers: number, load: number, servers: number) {
    this.#kernel = kernel;
    this.#arrivals = kernel.stream('arrivals');
    this.#services = kernel.stream('services');
    this.#interarrivalMs = 1 / (load * servers);
    this.#toArrive = customers;
    this.#idle = servers;
  }

  onEvent(op: number, _arg: unknown): void {
    if (op === ARRIVAL) this.#arrive();
    else this.#depart();
  }

  run(): ModelResult {
    const customers = this.#toArrive;
    this.#kernel.schedule(this.#arrivals.exponential(this.#interarrivalMs), this, ARRIVAL, undefined);
    this.#kernel.run(Number.POSITIVE_INFINITY);
    return { customers, events: this.#kernel.eventCount, meanResponse: this.#totalResponseMs / customers };
  }

  #arrive(): void {
    if (--this.#toArrive > 0) {
      this.#kernel.schedule(this.#arrivals.exponential(this.#interarrivalMs), this, ARRIVAL, undefined);
    }
    if (this.#idle > 0) {
      this.#idle--;
      this.#serve(this.#kernel.nowMs);
    } else {
      this.#waiting.push(this.#kernel.nowMs);
    }
  }

  #serve(arrivedMs: number): void {
    const serviceMs = this.#services.exponential(1);
    this.#totalResponseMs += this.#kernel.nowMs + serviceMs - arrivedMs;
    this.#kernel.schedule(serviceMs, this, DEPARTURE, undefined);
  }

  #depart(): void {
    if (this.#waiting.length > 0) this.#serve(this.#waiting.shift());
    else this.#idle++;
  }
}

/**
 * Power of two choices (Mitzenmacher; Vvedenskaya et al.): a customer joins the shorter of two different
 * queues chosen at random, the first on a tie.
 */
export class TwoChoices implements EventHandler {
  readonly #kernel: ModelKernel;
  readonly #arrivals: RandomStream;
  readonly #choices: RandomStream;
  readonly #services: RandomStream;
  readonly #interarrivalMs: number;
  readonly #queues: TimeFifo[];
  #toArrive: number;
  #totalResponseMs = 0;

  constructor(kernel: ModelKernel, customers: number, load: number, queues: number) {
    this.#kernel = kernel;
    this.#arrivals = kernel.stream('arrivals');
    this.#choices = kernel.stream('choices');
    this.#services = kernel.stream('services');
    this.#interarrivalMs = 1 / (load * queues);
    this.#toArrive = customers;
    this.#queues = Array.from({ length: queues }, () => new TimeFifo());
  }

  onEvent(op: number, arg: unknown): void {
    if (op === ARRIVAL) this.#arrive();
    else if (arg instanceof TimeFifo) this.#depart(arg);
  }

  run(): ModelResult {
    const customers = this.#toArrive;
    this.#kernel.schedule(this.#arrivals.exponential(this.#interarrivalMs), this, ARRIVAL, undefined);
    this.#kernel.run(Number.POSITIVE_INFINITY);
    return { customers, events: this.#kernel.eventCount, meanResponse: this.#totalResponseMs / customers };
  }

  #arrive(): void {
    if (--this.#toArrive > 0) {
      this.#kernel.schedule(this.#arrivals.exponential(this.#interarrivalMs), this, ARRIVAL, undefined);
    }
    const count = this.#queues.length;
    const first = this.#choices.below(count);
    const other = this.#choices.below(count - 1);
    const a = this.#queues[first];
    const b = this.#queues[other < first ? other : other + 1];
    if (a === undefined || b === undefined) return;
    const queue = b.length < a.length ? b : a;
    queue.push(this.#kernel.nowMs);
    if (queue.length === 1) this.#kernel.schedule(this.#services.exponential(1), this, DEPARTURE, queue);
  }

  #depart(queue: TimeFifo): void {
    this.#totalResponseMs += this.#kernel.nowMs - queue.shift();
    if (queue.length > 0) this.#kernel.schedule(this.#services.exponential(1), this, DEPARTURE, queue);
  }
}

/** First in, first out, of times: a ring that grows. */
class TimeFifo {
  #ring = new Float64Array(8);
  #head = 0;
  length = 0;

  push(timeMs: number): void {
    if (this.length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.length++) & (this.#ring.length - 1)] = timeMs;
  }

  shift(): number {
    const timeMs = this.#ring[this.#head] ?? 0;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.length--;
    return timeMs;
  }

  #grow(): void {
    const grown = new Float64Array(2 * this.#ring.length);
    grown.set(this.#ring.subarray(this.#head));
    grown.set(this.#ring.subarray(0, this.#head), this.#ring.length - this.#head);
    this.#ring = grown;
    this.#head = 0;
  }
}
