import type { CheckResult } from '../record/schema.ts';
import type { ClusterMap, MapNode } from '../store/model.ts';
import { type Check, Tally } from './check.ts';

/** I8, the part about zones: replicas that stand together fall together. */
export class ZonesCheck implements Check {
  readonly id = 'I8-zones';
  readonly statement =
    'Within the stated time after the last fault the replicas of every partition stand in distinct zones, as far as there are zones with nodes that can take them.';
  readonly kind = 'liveness';
  readonly #tally = new Tally(this);
  #notJudged = 'the run has not ended';

  /** `early`: why too little time or means were left to set things right; undefined if there were enough. */
  close(
    map: ClusterMap | undefined,
    canTake: (node: MapNode) => boolean,
    early: string | undefined,
    nowMs: number,
  ): void {
    if (map === undefined) {
      this.#notJudged = 'there was no cluster map';
      return;
    }
    const zoneOf = new Map(map.nodes.map(({ id, zone }) => [id, zone]));
    const zones = new Set(map.nodes.filter(canTake).map(({ zone }) => zone));
    const wanted = Math.min(map.replication, zones.size);
    const crowded: number[] = [];
    for (const [partition, { replicas }] of map.partitions.entries()) {
      if (new Set(replicas.map((id) => zoneOf.get(id))).size < wanted) crowded.push(partition);
    }
    if (crowded.length === 0) return this.#tally.pass(map.partitions.length);
    if (early !== undefined) {
      this.#notJudged = `${crowded.length} partitions stand in fewer than ${wanted} zones, but ${early}`;
      return;
    }
    const replicas = map.partitions[crowded[0] ?? 0]?.replicas ?? [];
    const where = replicas.map((id) => `${id} in ${zoneOf.get(id)}`).join(', ');
    this.#tally.fail(
      `${crowded.length} partitions stand in fewer than ${wanted} zones, among them ${crowded.slice(0, 5).join(', ')}: ${where}`,
      { timeMs: nowMs, key: `partition ${crowded[0]}`, event: 'end of the run' },
    );
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} partitions`, this.#notJudged, originMs);
  }
}
