import type { Host, NodeId } from '../../../host.ts';
import type { GatewayError, GatewayReply } from '../../messages/gateway.ts';
import type { Middleware, Next } from '../middleware.ts';
import type { RequestContext } from '../request-context.ts';
import type { AccessLogConfig } from './config.ts';

/** One request as the access log has it. */
export interface AccessEntry {
  /** When it was answered, on the gateway's monotonic clock. */
  readonly atMs: number;
  readonly from: NodeId;
  readonly request: 'get' | 'put';
  readonly key: string;
  readonly blockId: string;
  readonly partition: number;
  /** Declared size of the block. */
  readonly sizeBytes: number;
  readonly outcome: 'ok' | GatewayError;
  /** Of a read that is ok. */
  readonly served: NodeId | undefined;
  readonly attempts: number;
  readonly latencyMs: number;
}

/**
 * Writes down one request of so many, the latest ones only. To see what other layers refuse, it must stand outside of them.
 */
export class AccessLog implements Middleware {
  readonly name = 'access-log';
  readonly #host: Host;
  readonly #config: AccessLogConfig;
  readonly #ring: AccessEntry[] = [];
  #oldest = 0;
  #seen = 0;

  constructor(host: Host, config: AccessLogConfig) {
    this.#host = host;
    this.#config = config;
  }

  /** What is kept, oldest first. */
  entries(): readonly AccessEntry[] {
    return [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
  }

  handle(context: RequestContext, next: Next): void {
    context.arrivedMs = this.#host.clock.nowMs();
    next(context);
  }

  modifyResponse(context: RequestContext, reply: GatewayReply): GatewayReply {
    this.#seen += 1;
    if (this.#seen >= this.#config.everyNth) {
      this.#seen = 0;
      this.#keep(this.#entryOf(context, reply));
    }
    return reply;
  }

  #entryOf({ request, exchange, arrivedMs }: RequestContext, reply: GatewayReply): AccessEntry {
    const atMs = this.#host.clock.nowMs();
    const { key, block } = request;
    return {
      atMs,
      from: exchange.from,
      request: request.kind === 'gateway.get' ? 'get' : 'put',
      key,
      blockId: block.id,
      partition: block.partition,
      sizeBytes: block.sizeBytes,
      outcome: reply.kind === 'gateway.error' ? reply.error : 'ok',
      served: reply.kind === 'gateway.data' ? reply.served : undefined,
      attempts: reply.attempts,
      latencyMs: atMs - arrivedMs,
    };
  }

  #keep(entry: AccessEntry): void {
    if (this.#ring.length < this.#config.entries) {
      this.#ring.push(entry);
      return;
    }
    this.#ring[this.#oldest] = entry;
    this.#oldest = (this.#oldest + 1) % this.#ring.length;
  }
}
