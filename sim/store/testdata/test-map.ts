import type { ClusterMap, Liveness } from '../model.ts';

/** A map of eight partitions; each has the first three nodes as replicas. */
export function mapOf(nodes: number, liveness: Readonly<Record<string, Liveness>> = {}): ClusterMap {
  const ids = Array.from({ length: nodes }, (_, i) => `data-${i + 1}`);
  const replicas = ids.slice(0, 3);
  return {
    epoch: 1,
    replication: replicas.length,
    nodes: ids.map((id) => ({
      id,
      zone: 'a',
      rack: '1',
      host: id,
      weight: 1,
      liveness: liveness[id] ?? 'up',
      membership: 'active',
      gray: false,
      fullness: 'ok',
    })),
    partitions: Array.from({ length: 8 }, () => ({ replicas, joining: [] })),
  };
}
