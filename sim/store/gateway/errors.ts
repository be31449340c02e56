import type { DataRefusal } from '../messages/block.ts';
import type { GatewayError } from '../messages/gateway.ts';
import type { Verdict } from './traffic-window.ts';

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
    case 'io-error':
      return 'bad-gateway';
    case 'stale-epoch':
    case 'generation':
    case 'fenced':
      return 'unavailable';
  }
}

/**
 * What a refusal says of the data node: a fault where another replica would have done better by the same request; no fault
 * where the node did as it should.
 */
export function verdictOf(refusal: DataRefusal): Verdict {
  switch (refusal) {
    case 'corrupt':
    case 'io-error':
    case 'overloaded':
    case 'fenced':
      return 'fault';
    case 'absent':
    case 'conflict':
    case 'stale-epoch':
    case 'generation':
    case 'bad-request':
    case 'no-space':
      return 'success';
  }
}

/** Errors that say nothing of the request: the same one may fare better after a while, which Retry-After names. */
export function isPassing(error: GatewayError): boolean {
  return error === 'unavailable' || error === 'overloaded';
}
