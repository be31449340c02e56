/**
 * Faults that lie over a healthy device for a while, in the order in which they came. The device underneath stays
 * pristine, so lifting the overlay restores it exactly.
 */
export class Overlays<T> {
  /** Read it on the hot path; change it only through `add` and `remove`. */
  readonly active: T[] = [];

  add(overlay: T): void {
    this.active.push(overlay);
  }

  /** Does nothing if it is not there. */
  remove(overlay: T): void {
    const index = this.active.indexOf(overlay);
    if (index >= 0) this.active.splice(index, 1);
  }
}
