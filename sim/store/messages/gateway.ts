import type { Body, Message, NodeId } from '../../host.ts';
import type { BlockRef } from '../model.ts';
import type { ByteRange } from './block.ts';

/** What a client asks of a gateway, and what it is answered. */

export type GatewayRequest =
  | {
      readonly kind: 'gateway.get';
      readonly key: string;
      readonly block: BlockRef;
      /** Byte range of the declared size; the whole block where absent. */
      readonly range?: ByteRange | undefined;
      readonly epoch: number;
    }
  | {
      readonly kind: 'gateway.put';
      readonly key: string;
      readonly block: BlockRef;
      readonly epoch: number;
      readonly body: Body;
    };

/** Whether a message is a request to a gateway, as far as its kind tells. */
export function isGatewayRequest(message: Message): message is GatewayRequest {
  return message.kind === 'gateway.get' || message.kind === 'gateway.put';
}

export type GatewayReply =
  | {
      readonly kind: 'gateway.data';
      readonly body: Body;
      readonly checksum: number;
      readonly served: NodeId;
      readonly attempts: number;
      readonly epoch: number;
    }
  /** Durable on at least W replicas: `acked`, at the time of the answer. */
  | {
      readonly kind: 'gateway.stored';
      readonly acked: readonly NodeId[];
      readonly epoch: number;
      readonly attempts: number;
    }
  | {
      readonly kind: 'gateway.error';
      readonly error: GatewayError;
      readonly retryAfterMs?: number | undefined;
      readonly attempts: number;
      readonly epoch: number;
    };

/** Whether a message is a gateway's answer, as far as its kind tells. */
export function isGatewayReply(message: Message): message is GatewayReply {
  return message.kind === 'gateway.data' || message.kind === 'gateway.stored' || message.kind === 'gateway.error';
}

/**
 * `unavailable` (503: no backend), `overloaded` (503: shed, or over a limit), `timeout` (504), `bad-gateway`
 * (502: every replica that was tried failed), `absent` (404: no replica has the block), `no-space` (507),
 * `bad-request` (400).
 */
export type GatewayError =
  | 'unavailable'
  | 'overloaded'
  | 'timeout'
  | 'bad-gateway'
  | 'absent'
  | 'no-space'
  | 'bad-request';
