import { mean, sampleStandardDeviation } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import type { Host, Message, RandomStream } from '../host.ts';
import { Kernel } from '../kernel/kernel.ts';
import { instantNetwork, smallNode } from './testing.ts';
import { World } from './world.ts';

/**
 * The CPU of a node is an M/M/c station if arrivals are Poisson and service times exponential. Its mean response time
 * is known exactly, so it can be wrong only by chance, and chance is kept small: the prediction is taken at the rates
 * that the run happened to draw, which removes most of the noise (a control variate). That these rates are the
 * ordered ones is checked by itself.
 */
describe('the CPU as an M/M/c station', () => {
  const SEEDS = ['1', '2', '3', '4', '5'];
  // Congestion makes successive customers alike, so more of them are needed.
  const LOADS: readonly (readonly [load: number, customers: number])[] = [
    [0.5, 40_000],
    [0.75, 80_000],
    [0.9, 200_000],
  ];

  for (const cores of [1, 4]) {
    for (const [load, customers] of LOADS) {
      it(`c = ${cores} at load ${load} answers as Erlang's formula C says, within 2 %`, () => {
        const ratios: number[] = [];
        for (const seed of SEEDS) {
          const run = station(cores, load, customers, seed);
          expect(Math.abs(run.meanServiceMs - 1)).toBeLessThan(4 / Math.sqrt(customers));
          expect(Math.abs(run.ratePerMs / (load * cores) - 1)).toBeLessThan(4 / Math.sqrt(customers));
          ratios.push(run.meanResponseMs / erlangResponseMs(cores, run.ratePerMs, run.meanServiceMs));
        }
        const halfWidth = (2.776 * sampleStandardDeviation(ratios)) / Math.sqrt(SEEDS.length); // Student's t, 4 degrees, 95 %
        expect(Math.abs(mean(ratios) - 1), `${ratios}`).toBeLessThan(0.02);
        expect(halfWidth, 'the interval is narrow enough to tell').toBeLessThan(0.03);
        expect(Math.abs(mean(ratios) - 1)).toBeLessThan(halfWidth + 0.005);
      });
    }
  }

  it('measures its own load: utilisation and mean queue agree with what the customers saw (Little)', () => {
    const run = station(2, 0.7, 40_000, 'little');
    expect(run.utilisation).toBeCloseTo((run.ratePerMs * run.meanServiceMs) / 2, 2);
    expect(run.meanQueue / (run.ratePerMs * run.meanResponseMs)).toBeCloseTo(1, 2);
  });
});

/** Mean time in an M/M/c system (Erlang, 1917): waiting with probability C, for 1/(cμ − λ) on average. */
function erlangResponseMs(cores: number, ratePerMs: number, meanServiceMs: number): number {
  const offered = ratePerMs * meanServiceMs;
  // Erlang B by its recursion on the number of servers, then C from B.
  let blocked = 1;
  for (let servers = 1; servers <= cores; servers++) blocked = (offered * blocked) / (servers + offered * blocked);
  const waits = blocked / (1 - (offered / cores) * (1 - blocked));
  return meanServiceMs + waits / (cores / meanServiceMs - ratePerMs);
}

interface StationRun {
  readonly meanResponseMs: number;
  readonly meanServiceMs: number;
  readonly ratePerMs: number;
  readonly utilisation: number;
  readonly meanQueue: number;
}

function station(cores: number, load: number, customers: number, seed: string): StationRun {
  const kernel = new Kernel(`mmc-${seed}`);
  const world = new World(kernel, instantNetwork, () => {});
  const spec = smallNode('server');
  const server = new Server();
  const cpu = { cores, speed: 1, costs: { default: { kind: 'exponential' as const, meanMs: 1 } } };
  world.addNode({ ...spec, cpu }, (host) => server.boot(host));
  world.addNode(smallNode('source'), (host) => new Source(host, 1 / (load * cores), customers));
  world.start('server');
  world.start('source');
  kernel.run(Number.POSITIVE_INFINITY);
  expect(server.served).toBe(customers);
  const { cpu: gauge } = world.node('server').gauges();
  return {
    meanResponseMs: server.responseMs / customers,
    meanServiceMs: gauge.busyMs / customers,
    ratePerMs: customers / server.lastArrivalMs,
    utilisation: gauge.busyMs / (cores * kernel.nowMs),
    meanQueue: gauge.queueMs / kernel.nowMs,
  };
}

interface Customer extends Message {
  readonly arrivedMs: number;
}

class Server {
  served = 0;
  responseMs = 0;
  lastArrivalMs = 0;
  #host: Host | undefined;

  boot(host: Host): void {
    this.#host = host;
    host.network.serve(this);
  }

  onRequest(): void {}

  onMessage(message: Message): void {
    if (this.#host === undefined || !isCustomer(message)) throw new Error('not a customer');
    this.served++;
    this.responseMs += this.#host.clock.nowMs() - message.arrivedMs;
    this.lastArrivalMs = Math.max(this.lastArrivalMs, message.arrivedMs);
  }
}

class Source {
  readonly #host: Host;
  readonly #stream: RandomStream;
  readonly #meanGapMs: number;
  #left: number;

  constructor(host: Host, meanGapMs: number, customers: number) {
    this.#host = host;
    this.#stream = host.random.stream('arrivals');
    this.#meanGapMs = meanGapMs;
    this.#left = customers;
    this.#next();
  }

  onTimer(): void {
    const customer: Customer = { kind: 'customer', arrivedMs: this.#host.clock.nowMs() };
    this.#host.network.send('server', customer);
    if (--this.#left > 0) this.#next();
  }

  #next(): void {
    this.#host.timers.after(this.#stream.exponential(this.#meanGapMs), this, 0);
  }
}

function isCustomer(message: Message): message is Customer {
  return message.kind === 'customer';
}
