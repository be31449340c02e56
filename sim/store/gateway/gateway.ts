import type { Boot, Exchange, Host, Message, NodeId, Service } from '../../host.ts';
import type { AttemptOutcome, Balancer } from '../balancer/balancer.ts';
import { createBalancer } from '../balancer/registry.ts';
import type { StoreEvent } from '../events.ts';
import type { GatewayRequest } from '../messages.ts';
import { MetadataChannel } from '../metadata/channel.ts';
import { MapCache, type MapListener } from '../metadata/map-cache.ts';
import type { ClusterMap } from '../model.ts';
import { RetryBudget } from '../retry-budget.ts';
import { BackendPool, type PooledBackend } from './backend-pool.ts';
import type { GatewayConfig } from './config.ts';
import { Director } from './director.ts';
import { createLayers } from './layers.ts';
import { compose, type Middleware, type Next } from './middleware.ts';
import { ReadProxy } from './read-proxy.ts';
import { RequestContext } from './request-context.ts';
import { StragglerReporter } from './straggler-reporter.ts';
import { WriteFanout } from './write-fanout.ts';

/** What a request in progress may use of its gateway. */
export interface GatewayCore {
  readonly host: Host;
  readonly config: GatewayConfig;
  readonly balancer: Balancer;
  readonly director: Director;
  readonly budget: RetryBudget;
  readonly stragglers: StragglerReporter;
  readonly epoch: number;
  /** What Retry-After says where nobody can serve. */
  readonly retryAfterMs: number;
  noticeEpoch(epoch: number): void;
  /** A read that the balancer had picked `backend` for is over. */
  pickEnded(backend: PooledBackend, partition: number, outcome: AttemptOutcome, sentMs: number, retry: boolean): void;
  /** A write to `backend` is over: it was no choice, so the balancer learns nothing from it. */
  writeEnded(backend: PooledBackend, partition: number, outcome: AttemptOutcome, sentMs: number): void;
}

/**
 * A reverse proxy for blocks. A request passes the middleware, is directed to the owners of its partition, and one of them
 * (read: the balancer's choice) or all of them (write) get it.
 */
class Gateway implements Service, MapListener, GatewayCore {
  readonly host: Host;
  readonly config: GatewayConfig;
  readonly balancer: Balancer;
  readonly director: Director;
  readonly budget: RetryBudget;
  readonly stragglers: StragglerReporter;
  readonly retryAfterMs = 100;
  readonly #pool: BackendPool;
  readonly #maps: MapCache;
  readonly #layers: readonly Middleware[];
  readonly #enter: Next;
  #serving = false;

  constructor(host: Host, config: GatewayConfig) {
    this.host = host;
    this.config = config;
    this.balancer = createBalancer(config.balancer.name, config.balancer.options, {
      random: host.random.stream('balancer'),
      nowMs: () => host.clock.nowMs(),
    });
    this.#pool = new BackendPool(this.balancer);
    this.director = new Director(this.#pool);
    this.budget = new RetryBudget(config.retryBudget.ratio, config.retryBudget.burst);
    const channel = new MetadataChannel(host, config);
    this.stragglers = new StragglerReporter(host, channel, config.confirmEveryMs);
    this.#maps = new MapCache(host, channel, config.mapPollMs, this);
    this.#layers = createLayers(host, config);
    this.#enter = compose(this.#layers, (context) => this.#proxy(context));
  }

  get epoch(): number {
    return this.#maps.epoch;
  }

  /** Serves only once it has a map: before that it could answer nothing but "unavailable". */
  start(): void {
    this.#maps.start();
  }

  onMap(map: ClusterMap): void {
    this.#pool.update(map);
    this.director.update(map);
    if (this.#serving) return;
    this.#serving = true;
    this.host.network.serve(this);
  }

  noticeEpoch(epoch: number): void {
    this.#maps.noticeEpoch(epoch);
  }

  onRequest(message: Message, exchange: Exchange): void {
    const request = message as GatewayRequest;
    this.noticeEpoch(request.epoch);
    this.#enter(new RequestContext(request, exchange, this.#layers));
  }

  onMessage(message: Message, _from: NodeId): void {
    this.#maps.onMessage(message);
  }

  pickEnded(backend: PooledBackend, partition: number, outcome: AttemptOutcome, sentMs: number, retry: boolean): void {
    const latencyMs = this.host.clock.nowMs() - sentMs;
    this.balancer.onDone(backend, outcome, latencyMs);
    this.#trace({ kind: 'attempt', backend: backend.id, partition, outcome, latencyMs, retry });
  }

  writeEnded(backend: PooledBackend, partition: number, outcome: AttemptOutcome, sentMs: number): void {
    this.#trace({
      kind: 'attempt',
      backend: backend.id,
      partition,
      outcome,
      latencyMs: this.host.clock.nowMs() - sentMs,
      retry: false,
    });
  }

  #trace(event: StoreEvent): void {
    this.host.trace.emit(event);
  }

  #proxy(context: RequestContext): void {
    const { request } = context;
    if (request.kind === 'gateway.get') new ReadProxy(this, context, request).start();
    else if (request.kind === 'gateway.put') new WriteFanout(this, context, request).start();
    else context.refuse('bad-request', 0, this.epoch);
  }
}

/**
 * Boots a gateway.
 *
 * @throws AlgorithmError or RangeError at start-up on an unknown balancer, option or middleware, naming it.
 */
export function gateway(config: GatewayConfig): Boot {
  return (host) => new Gateway(host, config).start();
}
