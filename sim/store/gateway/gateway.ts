import type { Boot, Exchange, Host, Message, NodeId, RandomStream, Service } from '../../host.ts';
import { findAlgorithm, parseOptions } from '../algorithm.ts';
import type { AttemptOutcome, Balancer, GatewaySeat } from '../balancer/balancer.ts';
import { balancers, createBalancer } from '../balancer/registry.ts';
import type { StoreEvent } from '../events.ts';
import { type GatewayReply, isGatewayRequest } from '../messages/gateway.ts';
import { isMapChanged } from '../messages/metadata.ts';
import { MetadataChannel } from '../metadata/channel.ts';
import { MapCache, type MapListener } from '../metadata/map-cache.ts';
import type { ClusterMap } from '../model.ts';
import { PassiveHealth } from '../passive-health.ts';
import { RetryBudget } from '../retry-budget.ts';
import { BackendPool, type PooledBackend } from './backend-pool.ts';
import type { GatewayConfig } from './config.ts';
import { Director } from './director.ts';
import type { AttemptPurpose, GatewayCore, MapWaiter } from './gateway-core.ts';
import { HealthReporter } from './health-reporter.ts';
import { type AccessEntry, AccessLog } from './layer/access-log.ts';
import { createLayers } from './layers.ts';
import { LoadProber } from './load-prober.ts';
import { GatewayMetrics } from './metrics.ts';
import { compose, type Middleware, type Next } from './middleware.ts';
import { BackendGuard } from './policy/guard.ts';
import { ReadProxy } from './read-proxy.ts';
import { RequestContext } from './request-context.ts';
import { StragglerReporter } from './straggler-reporter.ts';
import type { Verdict } from './traffic-window.ts';
import { WriteFanout } from './write-fanout.ts';

/** What can be read off a running gateway. */
export interface GatewayView {
  readonly metrics: Readonly<GatewayMetrics>;
  /** What the layer `access-log` has kept, oldest first; none without that layer. */
  accessLog(): readonly AccessEntry[];
}

/**
 * A reverse proxy for blocks. A request passes the middleware, is directed to the owners of its partition, and one of them
 * (read: the balancer's choice) or all of them (write) get it.
 */
class Gateway implements Service, MapListener, GatewayCore, GatewayView {
  readonly host: Host;
  readonly config: GatewayConfig;
  readonly balancer: Balancer;
  readonly director: Director;
  readonly budget: RetryBudget;
  readonly health: PassiveHealth<PooledBackend>;
  readonly guard: BackendGuard;
  readonly metrics = new GatewayMetrics();
  readonly stragglers: StragglerReporter;
  readonly jitter: RandomStream;
  readonly refreshes = new Set<MapWaiter>();
  readonly #pool: BackendPool;
  readonly #prober: LoadProber;
  readonly #maps: MapCache;
  readonly #reporter: HealthReporter;
  readonly #layers: readonly Middleware[];
  readonly #enter: Next;
  #serving = false;
  /** How this gateway learned first of the map that it does not have yet. */
  #mapVia: 'push' | 'stale-answer' | 'refresh' = 'refresh';

  constructor(host: Host, config: GatewayConfig) {
    this.host = host;
    this.config = config;
    this.balancer = createBalancer(config.balancer.name, config.balancer.options, {
      random: host.random.stream('balancer'),
      nowMs: () => host.clock.nowMs(),
      probe: ({ id }) => this.#prober.ask(id),
      ...seatAmong(config.gateways, host.id),
    });
    this.#pool = new BackendPool(this.balancer);
    this.#prober = new LoadProber(host, this.#pool, this.balancer);
    this.director = new Director(this.#pool);
    this.budget = new RetryBudget(config.retryBudget.ratio, config.retryBudget.burst);
    this.health = new PassiveHealth(config.passiveHealth);
    this.guard = new BackendGuard(host, this.#pool, this.health, this.metrics, config);
    this.jitter = host.random.stream('retry-backoff');
    const channel = new MetadataChannel(host, config);
    this.stragglers = new StragglerReporter(host, channel, config.confirmEveryMs);
    this.#reporter = new HealthReporter(host, channel, this.#pool, config.reportEveryMs);
    this.#maps = new MapCache(host, channel, config.mapPollMs, this);
    this.#layers = createLayers(host, config.middleware, config);
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
    const { writeQuorum } = this.config;
    if (writeQuorum > map.replication)
      throw new RangeError(
        `writeQuorum: found ${writeQuorum}, accepted: at most the replication of the map, ${map.replication}`,
      );
    this.#pool.update(map);
    this.director.update(map);
    this.guard.update();
    const seen: StoreEvent = { kind: 'map-seen', epoch: map.epoch, via: this.#mapVia, map };
    this.host.trace.emit(seen);
    this.#mapVia = 'refresh';
    if (!this.#serving) {
      this.#serving = true;
      this.host.network.serve(this);
    }
    for (const refresh of [...this.refreshes]) refresh.onMap();
  }

  noticeEpoch(epoch: number): void {
    if (epoch <= this.epoch) return;
    if (this.#mapVia === 'refresh') this.#mapVia = 'stale-answer';
    this.#maps.noticeEpoch(epoch);
  }

  onRequest(message: Message, exchange: Exchange): void {
    if (!isGatewayRequest(message) || !this.director.has(message.block.partition)) {
      const reply: GatewayReply = { kind: 'gateway.error', error: 'bad-request', attempts: 0, epoch: this.epoch };
      this.metrics.onAnswer(reply);
      exchange.reply(reply);
      return;
    }
    this.metrics.requests += 1;
    this.noticeEpoch(message.epoch);
    this.#enter(new RequestContext(message, exchange, this.#layers, this.metrics));
  }

  accessLog(): readonly AccessEntry[] {
    return this.#layers.flatMap((layer) => (layer instanceof AccessLog ? layer.entries() : []));
  }

  onMessage(message: Message, _from: NodeId): void {
    if (isMapChanged(message) && message.epoch > this.epoch && this.#mapVia === 'refresh') this.#mapVia = 'push';
    this.#maps.onMessage(message);
  }

  isOverdue(sentMs: number): boolean {
    return this.host.clock.nowMs() - sentMs >= this.config.overdueMs;
  }

  attemptSent(backend: PooledBackend, purpose: AttemptPurpose): void {
    backend.inFlight += 1;
    if (purpose.isRetry) backend.retriesInFlight += 1;
    this.guard.sent(backend);
  }

  attemptEnded(backend: PooledBackend, purpose: AttemptPurpose, outcome: AttemptOutcome, verdict: Verdict): number {
    const { op, partition, sentMs, isRetry } = purpose;
    const { metrics } = this;
    backend.inFlight -= 1;
    metrics.attempts += 1;
    if (outcome === 'timeout') metrics.timeouts += 1;
    if (isRetry) {
      backend.retriesInFlight -= 1;
      metrics.retries += 1;
    }
    const latencyMs = this.host.clock.nowMs() - sentMs;
    this.guard.ended(backend, verdict, sentMs);
    this.#reporter.attemptEnded(backend, op, outcome, verdict, latencyMs);
    const event: StoreEvent = { kind: 'attempt', backend: backend.id, partition, outcome, latencyMs, retry: isRetry };
    this.host.trace.emit(event);
    return latencyMs;
  }

  readAnswered(latencyMs: number): void {
    this.#reporter.gotAnswer(latencyMs);
  }

  #proxy(context: RequestContext): void {
    const { request } = context;
    if (request.kind === 'gateway.get') new ReadProxy(this, context, request).start();
    else new WriteFanout(this, context, request).start();
  }
}

/**
 * Boots a gateway.
 *
 * @param onStart - Given what can be read off the gateway at each of its starts, which count anew.
 * @throws AlgorithmError or RangeError on an unknown balancer, option or middleware, naming it, before anything starts.
 */
export function gateway(config: GatewayConfig, onStart?: (view: GatewayView) => void): Boot {
  const { name, options } = config.balancer;
  parseOptions('balancer', findAlgorithm('balancer', balancers, name), options);
  return (host) => {
    const started = new Gateway(host, config);
    onStart?.(started);
    started.start();
  };
}

/** Where the gateway `id` stands among all of them; nothing if it is not listed. */
function seatAmong(gateways: GatewayConfig['gateways'], id: NodeId): { readonly seat?: GatewaySeat } {
  const position = gateways.findIndex((gateway) => gateway.id === id);
  const own = gateways[position];
  return own === undefined ? {} : { seat: { zone: own.zone, position, zones: gateways.map(({ zone }) => zone) } };
}
