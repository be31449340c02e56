import type { EventHandler, RandomStream } from '../kernel/kernel.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { Backend, Balancer, PickRequest } from '../store/balancer/balancer.ts';
import { createBalancer } from '../store/balancer/registry.ts';
import { Cpu, Work } from '../world/cpu.ts';
import { PauseGate } from '../world/pause-gate.ts';

/** One run of the supermarket model. */
export interface SupermarketRun {
  readonly seed: number;
  readonly servers: number;
  /** d: queues that are looked at for each customer. */
  readonly choices: number;
  /** λ: load of each server, below 1. */
  readonly load: number;
  /** Arrivals in the first so many ms, mean service times, are not measured: the servers start empty. */
  readonly warmupMs: number;
  /** Customers that are measured, one after the other. */
  readonly customers: number;
}

/** Mean time in the system that theory predicts for infinitely many servers, in units of the mean service time (Mitzenmacher, IEEE TPDS 12, 2001). */
export function supermarketPrediction(load: number, choices: number): number {
  if (choices === 1) return 1 / (1 - load);
  let sum = 0;
  for (let i = 1, term = 1; term > 1e-12; i++) {
    const exponent = (integerPower(choices, i) - choices) / (choices - 1);
    term = Math.exp(exponent * Math.log(load));
    sum += term;
  }
  return sum;
}

/**
 * Measures the mean time in the system with the kernel, the world's CPU and the shipped balancer `power-of-two`: Poisson
 * arrivals, exponential service of mean 1 ms, one core a server. The proof that queues and picks are what theory says.
 */
export function runSupermarket(run: SupermarketRun): number {
  return new Supermarket(run).mean();
}

class Server implements Backend {
  readonly id: string;
  readonly index: number;
  readonly zone = 'a';
  readonly weight = 1;
  inFlight = 0;
  readonly cpu: Cpu;

  constructor(kernel: Kernel, gate: PauseGate, index: number) {
    this.id = `server-${index + 1}`;
    this.index = index;
    this.cpu = new Cpu(kernel, gate, 1, 1);
  }
}

class Customer extends Work {
  arrivedMs = 0;
  server: Server | undefined;
  readonly #model: Supermarket;

  constructor(model: Supermarket) {
    super();
    this.#model = model;
  }

  onEvent(): void {
    this.#model.served(this);
  }
}

const NOT_MEASURED = -1;

const REQUEST: PickRequest = { key: '', keyHash: 0 };

class Supermarket implements EventHandler {
  readonly #kernel: Kernel;
  readonly #servers: Server[];
  readonly #balancer: Balancer;
  readonly #arrivals: RandomStream;
  readonly #service: RandomStream;
  readonly #gapMs: number;
  readonly #warmupMs: number;
  readonly #customers: number;
  readonly #idle: Customer[] = [];
  /** Of those that are measured. */
  #arrived = 0;
  #measured = 0;
  #sumMs = 0;

  constructor({ seed, servers, choices, load, warmupMs, customers }: SupermarketRun) {
    this.#kernel = new Kernel(`supermarket-${seed}`);
    const gate = new PauseGate();
    this.#servers = Array.from({ length: servers }, (_, i) => new Server(this.#kernel, gate, i));
    this.#balancer = createBalancer(
      'power-of-two',
      { choices },
      { random: this.#kernel.stream('balancer'), nowMs: () => this.#kernel.nowMs },
    );
    this.#balancer.update(this.#servers);
    this.#arrivals = this.#kernel.stream('arrivals');
    this.#service = this.#kernel.stream('service');
    this.#gapMs = 1 / (load * servers);
    this.#warmupMs = warmupMs;
    this.#customers = customers;
  }

  mean(): number {
    this.#kernel.schedule(0, this, 0, undefined);
    this.#kernel.runUntil(() => this.#measured === this.#customers, Number.MAX_VALUE);
    return this.#sumMs / this.#measured;
  }

  onEvent(): void {
    const customer = this.#idle.pop() ?? new Customer(this);
    const server = this.#balancer.pick(this.#servers, REQUEST);
    const station = this.#servers[server.index];
    if (station === undefined) throw new Error(`picked server ${server.id}, which there is not`);
    // Measured are those who arrive in a fixed range, all of them: to stop at a number of departures would leave out those
    // who wait longest.
    const isMeasured = this.#kernel.nowMs >= this.#warmupMs && this.#arrived < this.#customers;
    if (isMeasured) this.#arrived += 1;
    customer.arrivedMs = isMeasured ? this.#kernel.nowMs : NOT_MEASURED;
    customer.server = station;
    station.inFlight += 1;
    station.cpu.submit(customer, this.#service.exponential(1), 0);
    this.#kernel.schedule(this.#arrivals.exponential(this.#gapMs), this, 0, undefined);
  }

  served(customer: Customer): void {
    const { server } = customer;
    if (server === undefined || !server.cpu.finish(customer)) return;
    server.inFlight -= 1;
    if (customer.arrivedMs !== NOT_MEASURED) {
      this.#sumMs += this.#kernel.nowMs - customer.arrivedMs;
      this.#measured += 1;
    }
    this.#idle.push(customer);
  }
}

function integerPower(base: number, exponent: number): number {
  let product = 1;
  for (let i = 0; i < exponent; i++) product *= base;
  return product;
}
