import type { DataRefusal } from '../messages/block.ts';
import type { GatewayError } from '../messages/gateway.ts';

/** What a client is told of a data node's refusal. */
export function errorOf(refusal: DataRefusal): GatewayError {
  switch (refusal) {
    case 'absent':
    case 'overloaded':
    case 'no-space':
    case 'bad-request':
      return refusal;
    case 'conflict':
      return 'bad-request';
    case 'corrupt':
      return 'bad-gateway';
    case 'stale-epoch':
    case 'generation':
    case 'fenced':
      return 'unavailable';
  }
}

/** Errors that say nothing of the request: the same one may fare better after a while, which Retry-After names. */
export function isPassing(error: GatewayError): boolean {
  return error === 'unavailable' || error === 'overloaded';
}
