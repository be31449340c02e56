import type { CallFailure, CallHandler, Host, Message, NodeId } from '../../host.ts';
import type { Balancer } from '../balancer/balancer.ts';
import { isProbeReply, type ProbeRequest } from '../messages/block.ts';
import type { BackendPool } from './backend-pool.ts';

/** A later answer would tell of a load that has long changed. */
const TIMEOUT_MS = 1_000;

const PROBE: ProbeRequest = { kind: 'block.probe' };

/** Asks data nodes for their load on behalf of the balancer. One that does not answer is not held against it here. */
export class LoadProber implements CallHandler {
  readonly #host: Host;
  readonly #pool: BackendPool;
  readonly #balancer: Balancer;
  /** By tag of the call. */
  readonly #asked: (NodeId | undefined)[] = [];
  readonly #freeTags: number[] = [];

  constructor(host: Host, pool: BackendPool, balancer: Balancer) {
    this.#host = host;
    this.#pool = pool;
    this.#balancer = balancer;
  }

  /** Its answer, if one comes, goes to the balancer's `onFeedback`. */
  ask(id: NodeId): void {
    const tag = this.#freeTags.pop() ?? this.#asked.length;
    this.#asked[tag] = id;
    this.#host.network.call(id, PROBE, TIMEOUT_MS, this, tag);
  }

  onReply(tag: number, response: Message): void {
    const id = this.#release(tag);
    const backend = id === undefined ? undefined : this.#pool.get(id);
    if (backend === undefined || !isProbeReply(response)) return;
    const { inFlight, latencyMs } = response;
    this.#balancer.onFeedback?.(backend, { kind: 'probe', inFlight, latencyMs });
  }

  onCallFailed(tag: number, _failure: CallFailure): void {
    this.#release(tag);
  }

  #release(tag: number): NodeId | undefined {
    const id = this.#asked[tag];
    this.#asked[tag] = undefined;
    this.#freeTags.push(tag);
    return id;
  }
}
