import type { ClusterMap } from '../../store/model.ts';
import type { Check } from '../check.ts';
import type { OperationEvent } from '../operation.ts';

/** A verdict in one line. */
export function said(check: Pick<Check, 'result'>): string {
  const { verdict, detail } = check.result();
  return `${verdict}: ${detail}`;
}

/** An operation that took 10 ms: a get that found nothing but for what is changed. */
export function operation(change: Partial<OperationEvent>): OperationEvent {
  return {
    ...{ kind: 'operation', op: 'get', key: 'k', status: 'ok', missing: false, startedMs: 0, latencyMs: 10 },
    ...{ sizeBytes: 1, generation: 0, checksum: 0, attempts: 1, metadataAttempts: 1, error: '' },
    ...change,
  };
}

/** A map of nodes a, b, … in a zone each, all with one weight, that hold what `partitions` says. */
export function mapOf(epoch: number, partitions: readonly (readonly string[])[], replication = 1): ClusterMap {
  const ids = ['a', 'b', 'c', 'd'];
  return {
    epoch,
    replication,
    nodes: ids.map((id) => ({
      ...{ id, zone: `zone-${id}`, rack: 'r', host: id, weight: 1, gray: false },
      ...{ liveness: 'up', membership: 'active', fullness: 'ok' },
    })),
    partitions: partitions.map((replicas) => ({ replicas, joining: [] })),
  };
}
