import type { Boot, Exchange, Host, Message, NodeId, Service } from '../../host.ts';
import { findAlgorithm, parseOptions } from '../algorithm.ts';
import type { AttemptOutcome, Balancer } from '../balancer/balancer.ts';
import { balancers, createBalancer } from '../balancer/registry.ts';
import type { StoreEvent } from '../events.ts';
import { type GatewayReply, isGatewayRequest } from '../messages/gateway.ts';
import { MetadataChannel } from '../metadata/channel.ts';
import { MapCache, type MapListener } from '../metadata/map-cache.ts';
import type { ClusterMap } from '../model.ts';
import { PassiveHealth } from '../passive-health.ts';
import { RetryBudget } from '../retry-budget.ts';
import { BackendPool, type PooledBackend } from './backend-pool.ts';
import type { GatewayConfig } from './config.ts';
import { Director } from './director.ts';
import type { GatewayCore, MapWaiter } from './gateway-core.ts';
import { createLayers } from './layers.ts';
import { compose, type Middleware, type Next } from './middleware.ts';
import { ReadProxy } from './read-proxy.ts';
import { RequestContext } from './request-context.ts';
import { StragglerReporter } from './straggler-reporter.ts';
import { WriteFanout } from './write-fanout.ts';

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
  readonly health: PassiveHealth<PooledBackend>;
  readonly stragglers: StragglerReporter;
  readonly refreshes = new Set<MapWaiter>();
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
    this.health = new PassiveHealth(config.passiveHealth);
    const channel = new MetadataChannel(host, config);
    this.stragglers = new StragglerReporter(host, channel, config.confirmEveryMs);
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
    if (!this.#serving) {
      this.#serving = true;
      this.host.network.serve(this);
    }
    for (const refresh of [...this.refreshes]) refresh.onMap();
  }

  noticeEpoch(epoch: number): void {
    this.#maps.noticeEpoch(epoch);
  }

  onRequest(message: Message, exchange: Exchange): void {
    if (!isGatewayRequest(message) || !this.director.has(message.block.partition)) {
      const reply: GatewayReply = { kind: 'gateway.error', error: 'bad-request', attempts: 0, epoch: this.epoch };
      exchange.reply(reply);
      return;
    }
    this.noticeEpoch(message.epoch);
    this.#enter(new RequestContext(message, exchange, this.#layers));
  }

  onMessage(message: Message, _from: NodeId): void {
    this.#maps.onMessage(message);
  }

  attemptEnded(
    backend: PooledBackend,
    partition: number,
    outcome: AttemptOutcome,
    sentMs: number,
    retry: boolean,
  ): void {
    const latencyMs = this.host.clock.nowMs() - sentMs;
    const event: StoreEvent = { kind: 'attempt', backend: backend.id, partition, outcome, latencyMs, retry };
    this.host.trace.emit(event);
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
 * @throws AlgorithmError or RangeError on an unknown balancer, option or middleware, naming it, before anything starts.
 */
export function gateway(config: GatewayConfig): Boot {
  const { name, options } = config.balancer;
  parseOptions('balancer', findAlgorithm('balancer', balancers, name), options);
  return (host) => new Gateway(host, config).start();
}
