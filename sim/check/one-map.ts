import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { ClusterMap } from '../store/model.ts';
import { type Check, Tally } from './check.ts';
import type { MapsByEpoch } from './maps-by-epoch.ts';

/** I7: an epoch names one map, and for each node that installs them epochs only rise. What other processes see is I14's. */
export class OneMapCheck implements Check {
  readonly id = 'I7';
  readonly statement =
    'Each epoch has one cluster map wherever it is installed, and no node goes back to an older epoch.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #maps: MapsByEpoch;
  readonly #seen = new Map<NodeId, number>();

  constructor(maps: MapsByEpoch) {
    this.#maps = maps;
  }

  onMap(node: NodeId, map: ClusterMap, nowMs: number): void {
    const { epoch } = map;
    const last = this.#seen.get(node);
    if (last !== undefined && epoch < last) {
      this.#tally.fail((at) => `${at(nowMs)}: ${node} went back from epoch ${last} to ${epoch}`, {
        timeMs: nowMs,
        node,
        event: 'epoch',
      });
    } else {
      this.#tally.pass();
    }
    this.#seen.set(node, Math.max(epoch, last ?? epoch));
    if (this.#maps.agrees(map)) return;
    this.#tally.fail(
      (at) => `${at(nowMs)}: ${node} installed another map as epoch ${epoch} than was known by that number`,
      { timeMs: nowMs, node, event: 'epoch' },
    );
  }

  /** A process that starts again may read its log from the beginning. */
  onRestart(node: NodeId): void {
    this.#seen.delete(node);
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} installed maps`, 'no map was installed', originMs);
  }
}
