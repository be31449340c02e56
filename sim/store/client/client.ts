import type { Body, Exchange, Host, Message, RandomStream, Service } from '../../host.ts';
import type { ByteRange } from '../messages/block.ts';
import type { GatewayReply } from '../messages/gateway.ts';
import { MetadataChannel } from '../metadata/channel.ts';
import { MapCache, type MapListener } from '../metadata/map-cache.ts';
import type { ClusterMap, Condition } from '../model.ts';
import { RetryBudget } from '../retry-budget.ts';
import type { ClientCore } from './client-core.ts';
import type { ClientConfig } from './config.ts';
import { GatewayChoice } from './gateway-choice.ts';
import { GetOperation } from './get.ts';
import { MetadataOperation } from './metadata-operation.ts';
import type { OutcomeHandler } from './outcome.ts';
import { PutOperation } from './put.ts';
import { checkBody, checkCondition, checkKey, checkList, checkRange } from './validate.ts';

const UNCONDITIONAL: Condition = { kind: 'none' };

/**
 * The library that applications link: objects by key, over gateways and metadata. Many operations may be under way at once.
 * Every method throws `InvalidRequest` on bad input before anything is sent; else its handler is told once how it ended.
 */
export class StoreClient implements ClientCore, MapListener, Service {
  readonly host: Host;
  readonly config: ClientConfig;
  readonly metadata: MetadataChannel;
  readonly budget: RetryBudget;
  readonly jitter: RandomStream;
  readonly gateways: GatewayChoice;
  readonly #maps: MapCache;
  readonly #idPrefix: string;
  #lastId = 0;
  #open = 0;
  /** Writes that came before the first map: they cannot be placed yet. */
  #waiting: PutOperation[] = [];

  constructor(host: Host, config: ClientConfig) {
    this.host = host;
    this.config = config;
    this.metadata = new MetadataChannel(host, config);
    this.budget = new RetryBudget(config.retryBudget.ratio, config.retryBudget.burst);
    this.jitter = host.random.stream('backoff');
    this.#maps = new MapCache(host, this.metadata, config.mapPollMs, this);
    this.#idPrefix = `${host.id}.${host.incarnation}.`;
    const first = host.random.stream('first-gateway').below(config.gateways.length);
    this.gateways = new GatewayChoice(config.gateways, config.passiveHealth, first);
  }

  /** Listens for news of the map and fetches the first one. */
  start(): void {
    this.host.network.serve(this);
    this.#maps.start();
  }

  /** Is the map known, so that writes go out at once? */
  get ready(): boolean {
    return this.#maps.map !== undefined;
  }

  get epoch(): number {
    return this.#maps.epoch;
  }

  /** Operations under way. */
  get open(): number {
    return this.#open;
  }

  /** Reads an object or a range of it: result `object` or `missing`. A range that ends beyond the object is cut. */
  get(key: string, range: ByteRange | undefined, handler: OutcomeHandler, tag: number): void {
    checkKey(key);
    if (range !== undefined) checkRange(range);
    this.#began();
    new GetOperation(this, key, range, handler, tag).start();
  }

  /** Writes an object: result `stored` or `precondition-failed`. */
  put(key: string, body: Body, handler: OutcomeHandler, tag: number, condition: Condition = UNCONDITIONAL): void {
    checkKey(key);
    checkBody(body);
    checkCondition(condition);
    this.#began();
    const operation = new PutOperation(this, key, body, condition, handler, tag);
    const map = this.#maps.map;
    if (map === undefined) {
      operation.awaitMap();
      this.#waiting.push(operation);
    } else operation.start(map.partitions.length);
  }

  /** Size and generation of an object: result `version` or `missing`. */
  head(key: string, handler: OutcomeHandler, tag: number): void {
    checkKey(key);
    this.#began();
    new MetadataOperation(this, 'head', key, { kind: 'object.lookup', key }, handler, tag).start();
  }

  /** Deletes an object: result `deleted` or `precondition-failed`. */
  delete(key: string, handler: OutcomeHandler, tag: number, condition: Condition = UNCONDITIONAL): void {
    checkKey(key);
    checkCondition(condition);
    this.#began();
    new MetadataOperation(
      this,
      'delete',
      key,
      { kind: 'object.delete', key, condition, token: this.nextId() },
      handler,
      tag,
    ).start();
  }

  /** Lists keys that begin with `prefix` and stand after `after` ('' for the first page): result `page`, a snapshot. */
  list(prefix: string, after: string, limit: number, handler: OutcomeHandler, tag: number): void {
    checkList(prefix, after, limit);
    this.#began();
    new MetadataOperation(this, 'list', prefix, { kind: 'object.list', prefix, limit, after }, handler, tag).start();
  }

  onMap(map: ClusterMap): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const operation of waiting) operation.start(map.partitions.length);
  }

  /** A client serves nothing. */
  onRequest(_message: Message, exchange: Exchange): void {
    const reply: GatewayReply = { kind: 'gateway.error', error: 'bad-request', attempts: 0, epoch: this.epoch };
    exchange.reply(reply);
  }

  onMessage(message: Message): void {
    this.#maps.onMessage(message);
  }

  nextId(): string {
    this.#lastId += 1;
    return this.#idPrefix + this.#lastId;
  }

  noticeEpoch(epoch: number): void {
    this.#maps.noticeEpoch(epoch);
  }

  ended(): void {
    this.#open -= 1;
  }

  #began(): void {
    this.#open += 1;
    this.budget.earn();
  }
}
