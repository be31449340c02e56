import { scenarioSchema } from '../../scenario.ts';
import type { FuzzTrial } from '../fuzz-trial.ts';

/** How large a trial is: what shrinking makes less of. */
export interface TrialSize {
  readonly faults: number;
  readonly nodes: number;
  /** Expected. */
  readonly requests: number;
}

export function sizeOf({ input }: FuzzTrial): TrialSize {
  const { cluster, traffic, faults, duration } = scenarioSchema.parse(input);
  const { data, gateways, metadata, clients } = cluster;
  const nodes = data.count + data.standby + gateways.count + metadata.count + clients.count;
  const perSecond = 'rate' in traffic && typeof traffic.rate === 'number' ? traffic.rate : 0;
  return { faults: faults.length, nodes, requests: Math.round((perSecond * duration) / 1_000) };
}

/** "3 faults, 12 nodes, 600 requests" */
export function inWords({ faults, nodes, requests }: TrialSize): string {
  return `${faults} faults, ${nodes} nodes, ${requests} requests`;
}
