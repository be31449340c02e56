import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import { at, type Check, Tally } from './check.ts';

/** I10: no disk holds more than it can. */
export class CapacityCheck implements Check {
  readonly id = 'I10';
  readonly statement = 'No disk holds more bytes than its capacity.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  #fullest = 0;

  onDisk(node: NodeId, usedBytes: number, capacityBytes: number, nowMs: number): void {
    this.#fullest = Math.max(this.#fullest, usedBytes / capacityBytes);
    if (usedBytes <= capacityBytes) this.#tally.pass();
    else this.#tally.fail(`${at(nowMs)}: ${node} holds ${usedBytes} bytes; its capacity is ${capacityBytes}`);
  }

  result(): CheckResult {
    return this.#tally.result(
      `the fullest disk was ${Math.round(this.#fullest * 1000) / 10} % full`,
      'no disk was read',
    );
  }
}
