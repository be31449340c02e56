import { expect } from 'vitest';
import type { NodeId } from '../../host.ts';
import { hashKey } from '../hash.ts';
import type { AttemptOutcome, Backend, Balancer, BalancerContext, PickRequest } from './balancer.ts';

/** A backend of a table to be. */
export interface Member {
  readonly id: NodeId;
  readonly weight: number;
}

interface Load {
  inFlight: number;
}

interface Attempt {
  readonly backend: Backend;
  readonly load: Load;
}

/** The request for `key`. */
export function requestFor(key: string): PickRequest {
  return { key, keyHash: hashKey(key) };
}

/**
 * The gateway's side of the contract, kept to the letter: a fresh frozen object a backend at every change of
 * table, requests in flight counted per id, one list of eligible backends used over and over. A balancer that
 * writes to a backend throws here, one that keeps the list picks wrongly.
 */
export class ConformanceGateway {
  readonly #balancer: Balancer;
  readonly #loads = new Map<NodeId, Load>();
  readonly #eligible: Backend[] = [];
  readonly #attempts: Attempt[] = [];
  /** Asked for their load; they answer when the next attempt ends. */
  readonly #probed: Backend[] = [];
  table: readonly Backend[] = [];

  /** A millisecond passes with each request. */
  #nowMs = 0;

  constructor(build: (world: Omit<BalancerContext, 'random'>) => Balancer, members: readonly Member[]) {
    this.#balancer = build({
      nowMs: () => this.#nowMs,
      probe: (backend) => {
        if (!this.table.includes(backend)) expect.fail(`${backend.id}, which was probed, is not of the table`);
        this.#probed.push(backend);
      },
    });
    this.update(members);
  }

  /** Changes the table to these members, in this order. */
  update(members: readonly Member[]): void {
    this.table = Object.freeze(
      members.map(({ id, weight }, index) => {
        const load = this.#loadOf(id);
        return Object.freeze({
          id,
          index,
          weight,
          zone: `zone-${index % 3}`,
          get inFlight() {
            return load.inFlight;
          },
        });
      }),
    );
    this.#balancer.update(this.table);
  }

  /** Picks for a request that these places of the table could answer, and checks the pick. Returns the backend. */
  pick(places: readonly number[], key: string): Backend {
    this.#eligible.length = 0;
    for (const place of places) {
      const backend = this.table[place];
      if (backend !== undefined) this.#eligible.push(backend);
    }
    const picked = this.#balancer.pick(this.#eligible, requestFor(key));
    const changed =
      this.#eligible.length !== places.length || places.some((place, i) => this.#eligible[i] !== this.table[place]);
    if (changed) expect.fail('the list of eligible backends was changed');
    if (!this.#eligible.includes(picked)) expect.fail(`${picked?.id} is not one of the eligible`);
    return picked;
  }

  /** Picks and sends: the request stays in flight until it is finished. */
  send(places: readonly number[], key: string): Backend {
    this.#nowMs++;
    const backend = this.pick(places, key);
    const load = this.#loadOf(backend.id);
    load.inFlight++;
    this.#attempts.push({ backend, load });
    return backend;
  }

  /** Ends one of the attempts in flight, if there are any; its backend may have left the table. */
  finish(which: number, outcome: AttemptOutcome): void {
    const attempt = this.#attempts.splice(which % Math.max(1, this.#attempts.length), 1)[0];
    if (attempt === undefined) return;
    attempt.load.inFlight--;
    for (const backend of this.#probed.splice(0)) {
      const { inFlight } = this.#loadOf(backend.id);
      this.#balancer.onFeedback?.(backend, { kind: 'probe', inFlight, latencyMs: 1 + inFlight });
    }
    if (outcome === 'ok') {
      const { inFlight } = attempt.load;
      this.#balancer.onFeedback?.(attempt.backend, { kind: 'answer', inFlight, serviceMs: 0.5 });
    }
    this.#balancer.onDone(attempt.backend, outcome, 1 + (which % 100));
  }

  #loadOf(id: NodeId): Load {
    const load = this.#loads.get(id) ?? { inFlight: 0 };
    this.#loads.set(id, load);
    return load;
  }
}
