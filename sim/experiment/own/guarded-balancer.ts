import type { AlgorithmDefinition } from '../../store/algorithm.ts';
import type {
  AttemptOutcome,
  Backend,
  Balancer,
  BalancerContext,
  BalancerDefinition,
  LoadFeedback,
  PickRequest,
} from '../../store/balancer/balancer.ts';
import { CallWatch } from './call-watch.ts';

/** The same balancer, held to its contract at every call: what it breaks is told as an AlgorithmFailure. */
export function guardedBalancer(
  definition: AlgorithmDefinition<unknown, BalancerContext, Balancer>,
): BalancerDefinition<unknown> {
  const watch = new CallWatch('balancer', definition.name);
  return {
    ...definition,
    create: (context, options) => {
      const inner = watch.run('create', () => definition.create(context, options));
      return inner.onFeedback === undefined ? new GuardedBalancer(inner, watch) : new FeedbackBalancer(inner, watch);
    },
  };
}

class GuardedBalancer implements Balancer {
  readonly #inner: Balancer;
  readonly #watch: CallWatch;
  /** What it was given for the present pick. */
  readonly #given: Backend[] = [];
  readonly #loads: number[] = [];

  constructor(inner: Balancer, watch: CallWatch) {
    this.#inner = inner;
    this.#watch = watch;
  }

  update(backends: readonly Backend[]): void {
    this.#watch.run('update', () => this.#inner.update(backends));
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    this.#remember(eligible);
    this.#watch.enter('pick');
    let picked: Backend;
    try {
      picked = this.#inner.pick(eligible, request);
    } catch (error) {
      throw this.#watch.thrown('pick', error);
    } finally {
      this.#watch.leave();
    }
    this.#watch.settle('pick');
    this.#checkUnchanged(eligible);
    if (!this.#given.includes(picked)) {
      const names = this.#given.map(({ id }) => id).join(', ');
      throw this.#watch.failure('pick', `chose ${nameOf(picked)}, which is not eligible; accepted: one of ${names}`);
    }
    return picked;
  }

  onDone(backend: Backend, outcome: AttemptOutcome, latencyMs: number): void {
    this.#watch.run('onDone', () => this.#inner.onDone(backend, outcome, latencyMs));
  }

  protected feedback(backend: Backend, feedback: LoadFeedback): void {
    this.#watch.run('onFeedback', () => this.#inner.onFeedback?.(backend, feedback));
  }

  #remember(eligible: readonly Backend[]): void {
    this.#given.length = 0;
    this.#loads.length = 0;
    for (const backend of eligible) {
      this.#given.push(backend);
      this.#loads.push(backend.inFlight, backend.weight, backend.index);
    }
  }

  #checkUnchanged(eligible: readonly Backend[]): void {
    const isSame = eligible.length === this.#given.length && this.#given.every((backend, i) => eligible[i] === backend);
    if (!isSame) throw this.#watch.failure('pick', 'changed the list of eligible backends; accepted: reading it');
    for (const [i, { id, inFlight, weight, index }] of this.#given.entries()) {
      if (inFlight !== this.#loads[3 * i] || weight !== this.#loads[3 * i + 1] || index !== this.#loads[3 * i + 2])
        throw this.#watch.failure('pick', `changed the backend ${id}; accepted: reading it`);
    }
  }
}

/** One that wants to be told of load: only then do nodes tell. */
class FeedbackBalancer extends GuardedBalancer {
  onFeedback(backend: Backend, feedback: LoadFeedback): void {
    this.feedback(backend, feedback);
  }
}

function nameOf(picked: unknown): string {
  if (typeof picked === 'object' && picked !== null && 'id' in picked) return String(picked.id);
  return String(picked);
}
