const longest = 512;

/**
 * A set of texts in ascending order by UTF-16 unit, for listings by prefix. A list of short sorted lists: adding and
 * removing cost a binary search and a move within one list of at most 512.
 *
 * Source: G. Jenks, "Sorted Containers" (the Python library), which measures this layout against balanced trees.
 */
export class SortedKeys {
  #lists: string[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Does nothing if it is there. */
  add(key: string): void {
    const place = this.#listFor(key);
    const list = this.#lists[place];
    if (list === undefined) {
      this.#lists.push([key]);
      this.#size += 1;
      return;
    }
    const at = lowerBound(list, key);
    if (list[at] === key) return;
    list.splice(at, 0, key);
    this.#size += 1;
    if (list.length > longest) this.#lists.splice(place + 1, 0, list.splice(longest / 2));
  }

  /** Does nothing if it is not there. */
  delete(key: string): void {
    const place = this.#listFor(key);
    const list = this.#lists[place];
    if (list === undefined) return;
    const at = lowerBound(list, key);
    if (list[at] !== key) return;
    list.splice(at, 1);
    this.#size -= 1;
    if (list.length === 0) this.#lists.splice(place, 1);
  }

  /** The keys from `start` on, ascending. The set must not change meanwhile. */
  *from(start = ''): Generator<string, void> {
    let place = this.#listFor(start);
    let at = lowerBound(this.#lists[place] ?? [], start);
    for (let list = this.#lists[place]; list !== undefined; list = this.#lists[++place]) {
      for (let key = list[at]; key !== undefined; key = list[++at]) yield key;
      at = 0;
    }
  }

  /** The last list that begins at or before `key`, else the first. */
  #listFor(key: string): number {
    let low = 0;
    let high = this.#lists.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = this.#lists[middle]?.[0] ?? '';
      if (first <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lowerBound(list: readonly string[], key: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
