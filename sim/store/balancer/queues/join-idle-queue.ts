import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import type {
  AttemptOutcome,
  Backend,
  Balancer,
  BalancerContext,
  BalancerDefinition,
  LoadFeedback,
} from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { carryOver, Table } from '../table.ts';

const options = z.strictObject({});

/** Options of the balancer `join-idle-queue`: none. */
export type JoinIdleQueueOptions = z.infer<typeof options>;

/** In the place of a ticket: not in the queue of the idle. */
const BUSY = 0;

/**
 * Idle backends wait in a queue and the first of it gets the next request; if it is empty, a draw decides. A backend joins
 * the queue of the gateway that it has just answered, if it says that it has nothing left to do for anybody.
 */
class JoinIdleQueue implements Balancer {
  readonly #random: RandomStream;
  readonly #table = new Table();
  /** Place in the queue: the lowest is first; {@link BUSY} if not in it. */
  #ticket = new Float64Array(0);
  /** Requests of all gateways that each had left when it last answered. */
  #left = new Float64Array(0);
  #tickets = 0;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  update(backends: readonly Backend[]): void {
    const origins = this.#table.update(backends);
    this.#ticket = carryOver(this.#ticket, origins);
    this.#left = carryOver(this.#left, origins);
    // A newcomer has nothing to do.
    origins.forEach((origin, index) => {
      if (origin < 0) this.#ticket[index] = ++this.#tickets;
    });
  }

  pick(eligible: readonly Backend[]): Backend {
    let picked = firstOf(eligible);
    let earliest = Number.POSITIVE_INFINITY;
    for (const backend of eligible) {
      const ticket = this.#ticket[backend.index] ?? BUSY;
      if (ticket === BUSY || ticket >= earliest) continue;
      picked = backend;
      earliest = ticket;
    }
    if (earliest === Number.POSITIVE_INFINITY) picked = eligible[this.#random.below(eligible.length)] ?? picked;
    this.#ticket[picked.index] = BUSY;
    return picked;
  }

  onFeedback(backend: Backend, { inFlight }: LoadFeedback): void {
    const index = this.#table.indexOf(backend.id);
    if (index !== undefined) this.#left[index] = inFlight;
  }

  onDone(backend: Backend, outcome: AttemptOutcome): void {
    const index = this.#table.indexOf(backend.id);
    if (index === undefined) return;
    // Who did not answer said nothing of others' requests; what it said before is no longer true.
    if (outcome !== 'ok') this.#left[index] = 0;
    const isIdle = backend.inFlight === 0 && this.#left[index] === 0;
    if (isIdle && this.#ticket[index] === BUSY) this.#ticket[index] = ++this.#tickets;
  }
}

export const joinIdleQueue: BalancerDefinition<JoinIdleQueueOptions> = {
  name: 'join-idle-queue',
  summary:
    'Picks the backend that has been idle longest, as the backends say with their answers; if none is, a draw decides.',
  source:
    'Y. Lu, Q. Xie, G. Kliot, A. Geller, J. R. Larus, A. Greenberg, "Join-Idle-Queue" (2011), JIQ with random fallback. There an idle server calls at a random dispatcher; here it joins the one that it has just answered, which costs no message.',
  complexity: 'Pick O(eligible); memory O(backends).',
  weakness:
    'Near saturation nobody is idle and it becomes a blind draw. A backend that fell idle by another gateway’s request waits in that one’s queue only.',
  options,
  create: (context: BalancerContext) => new JoinIdleQueue(context.random),
};
