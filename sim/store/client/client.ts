import type { Body, Exchange, Host, Message, RandomStream, Service } from '../../host.ts';
import type { ByteRange } from '../messages/block.ts';
import type { GatewayReply } from '../messages/gateway.ts';
import { MetadataChannel } from '../metadata/channel.ts';
import { MapCache, type MapListener } from '../metadata/map-cache.ts';
import type { ClusterMap, Condition } from '../model.ts';
import { PeerRotation } from '../peer-rotation.ts';
import { RetryBudget } from '../retry-budget.ts';
import type { ClientCore } from './client-core.ts';
import type { ClientConfig } from './config.ts';
import { CopyOperation } from './copy.ts';
import { DeleteOperation } from './delete.ts';
import { GetOperation } from './get.ts';
import { HeadOperation } from './head.ts';
import { Hedging } from './hedging.ts';
import { ListOperation } from './list.ts';
import type { ListQuery } from './list-query.ts';
import { ObjectCache } from './object-cache.ts';
import type { OutcomeHandler } from './outcome.ts';
import { PutOperation } from './put.ts';
import { checkAge, checkBody, checkCondition, checkKey, checkList, checkRange } from './validate.ts';

const UNCONDITIONAL: Condition = { kind: 'none' };

/** How a read may differ from what the client's settings say. */
export interface ReadOptions {
  /** How old the answer may be, in ms; 0: it sees all that was acknowledged before the call. */
  readonly staleWithinMs?: number | undefined;
}

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
  readonly gateways: PeerRotation;
  readonly cache: ObjectCache | undefined;
  readonly hedging: Hedging | undefined;
  readonly #maps: MapCache;
  readonly #idPrefix: string;
  #lastId = 0;
  #open = 0;
  /** Writes that came before the first map: they cannot be placed yet. */
  #waiting: PutOperation[] = [];

  constructor(host: Host, config: ClientConfig) {
    this.host = host;
    this.config = config;
    const { ratio, burst } = config.retryBudget;
    this.budget = new RetryBudget(ratio, burst);
    // Of its own: what metadata needs in an election is not taken from the gateways.
    this.metadata = new MetadataChannel(host, config, new RetryBudget(ratio, burst));
    this.jitter = host.random.stream('backoff');
    this.cache = config.cacheBytes > 0 ? new ObjectCache(config.cacheBytes, config.cachedBodyBytes) : undefined;
    this.hedging = config.hedge === undefined ? undefined : new Hedging(config.hedge);
    this.#maps = new MapCache(host, this.metadata, config.mapPollMs, this);
    this.#idPrefix = `${host.id}.${host.incarnation}.`;
    const first = host.random.stream('first-gateway').below(config.gateways.length);
    this.gateways = new PeerRotation(config.gateways, config.passiveHealth, first);
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
  get(key: string, range: ByteRange | undefined, handler: OutcomeHandler, tag: number, options?: ReadOptions): void {
    checkKey(key);
    if (range !== undefined) checkRange(range);
    const staleWithinMs = this.#ageOf(options);
    this.#began();
    new GetOperation(this, key, range, staleWithinMs, handler, tag).start();
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
  head(key: string, handler: OutcomeHandler, tag: number, options?: ReadOptions): void {
    checkKey(key);
    const staleWithinMs = this.#ageOf(options);
    this.#began();
    new HeadOperation(this, key, staleWithinMs, handler, tag).start();
  }

  /** Deletes an object: result `deleted` or `precondition-failed`. */
  delete(key: string, handler: OutcomeHandler, tag: number, condition: Condition = UNCONDITIONAL): void {
    checkKey(key);
    checkCondition(condition);
    this.#began();
    new DeleteOperation(this, key, condition, handler, tag).start();
  }

  /**
   * Gives `key` the content of the newest version of `from`, within metadata: result `copied`, `missing` or
   * `precondition-failed`. The condition is on `key`.
   */
  copy(from: string, key: string, handler: OutcomeHandler, tag: number, condition: Condition = UNCONDITIONAL): void {
    checkKey(from, 'from');
    checkKey(key);
    checkCondition(condition);
    this.#began();
    new CopyOperation(this, from, key, condition, handler, tag).start();
  }

  /**
   * One page of the keys there are: result `page`, all pages of a listing as of one revision, or `list-compacted` when that
   * is kept no more and the listing must be started again.
   */
  list(query: ListQuery, handler: OutcomeHandler, tag: number): void {
    const { limit, position } = checkList(query);
    this.#began();
    new ListOperation(this, query, limit, position, handler, tag).start();
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

  #ageOf(options: ReadOptions | undefined): number {
    const staleWithinMs = options?.staleWithinMs ?? this.config.staleWithinMs;
    checkAge(staleWithinMs);
    return staleWithinMs;
  }

  #began(): void {
    this.#open += 1;
    this.budget.earn();
  }
}
