import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import type { ClusterMap } from '../store/model.ts';
import { at, type Check, Tally } from './check.ts';

/** Epochs whose maps are remembered. */
const REMEMBERED = 256;

/** I7: an epoch names one map, and for each observer epochs only rise. */
export class OneMapCheck implements Check {
  readonly id = 'I7';
  readonly statement =
    'Each epoch has one cluster map wherever it is installed, and no node goes back to an older epoch.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #maps = new Map<number, string>();
  readonly #seen = new Map<NodeId, number>();

  onEvent(node: NodeId, event: StoreEvent, nowMs: number): void {
    if (event.kind !== 'epoch') return;
    const { epoch } = event.map;
    const last = this.#seen.get(node);
    if (last !== undefined && epoch < last) {
      this.#tally.fail(`${at(nowMs)}: ${node} went back from epoch ${last} to ${epoch}`);
    } else {
      this.#tally.pass();
    }
    this.#seen.set(node, Math.max(epoch, last ?? epoch));
    this.#compare(node, event.map, nowMs);
  }

  /** A process that starts again may read its log from the beginning. */
  onRestart(node: NodeId): void {
    this.#seen.delete(node);
  }

  result(): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} installed maps`, 'no map was installed');
  }

  #compare(node: NodeId, map: ClusterMap, nowMs: number): void {
    const owners = map.partitions.map(({ replicas, joining }) => `${replicas.join()}+${joining.join()}`).join(' ');
    const other = this.#maps.get(map.epoch);
    if (other === undefined) {
      this.#maps.set(map.epoch, owners);
      if (this.#maps.size > REMEMBERED) this.#maps.delete(Math.min(...this.#maps.keys()));
    } else if (other !== owners) {
      this.#tally.fail(
        `${at(nowMs)}: ${node} installed another map as epoch ${map.epoch} than was known by that number`,
      );
    }
  }
}
