import type { KeyWatch } from './linearizability/key-watch.ts';

/** A version of an object that certainly was: acknowledged, or seen by a read. */
export interface KnownVersion {
  readonly generation: number;
  /** 0: not known (a copy that nobody has read yet), or deleted. */
  readonly checksum: number;
  readonly deleted: boolean;
  /** From when on every later read must see it or a newer one. */
  readonly sinceMs: number;
  /** Acknowledged to its writer, not only read. */
  readonly acknowledged: boolean;
}

/** Versions remembered of one key. A read older than all of them is not judged. */
const VERSIONS = 24;
/** Writes of unknown outcome remembered of one key. */
const UNKNOWNS = 24;
/** Two instants nearer than this are one: times are differences of floats. */
const SAME_INSTANT_MS = 1e-6;

/** What one key may and must hold, as its clients were told. */
export class KeyHistory {
  /** What the check of linearizability keeps with the key: see `WatchMemo`. */
  watch: KeyWatch | undefined = undefined;
  outside = false;
  draws = 0;
  /** Oldest first; generations rise. */
  readonly #versions: KnownVersion[] = [];
  /** The last of them, which nearly every operation asks for: nothing else of the history need be in the cache then. */
  #newest: KnownVersion | undefined = undefined;
  readonly #unknownPuts: number[] = [];
  #forgotten = false;
  #unknownDeletes = 0;
  #forgottenPuts = false;

  /** The newest version that is certain. */
  get newest(): KnownVersion | undefined {
    return this.#newest;
  }

  /** The newest version that its writer was told of. */
  get acknowledged(): KnownVersion | undefined {
    return this.#versions.findLast((version) => version.acknowledged);
  }

  /** The version that was the newest at a revision of the metadata; 'forgotten' when only newer ones are remembered. */
  atRevision(revision: number): KnownVersion | 'none' | 'forgotten' {
    const version = this.#versions.findLast(({ generation }) => generation <= revision);
    return version ?? (this.#forgotten ? 'forgotten' : 'none');
  }

  /** A write of unknown outcome may have made a version. */
  get mayBeWritten(): boolean {
    return this.#forgottenPuts || this.#unknownPuts.length > 0;
  }

  /** A delete of unknown outcome may take effect at any later time. */
  get mayBeDeleted(): boolean {
    return this.#unknownDeletes > 0;
  }

  /** A write with this content ended in doubt, so a version of it may exist. */
  mayHold(checksum: number): boolean {
    return this.#forgottenPuts || this.#unknownPuts.includes(checksum);
  }

  /** The version of a generation, if it is remembered. */
  version(generation: number): KnownVersion | undefined {
    if (this.#newest?.generation === generation) return this.#newest;
    for (let i = this.#versions.length - 1; i >= 0; i--) {
      const version = this.#versions[i];
      if (version !== undefined && version.generation <= generation) {
        return version.generation === generation ? version : undefined;
      }
    }
    return undefined;
  }

  /** True if some remembered version has this content. */
  held(checksum: number): boolean {
    return this.#versions.some((version) => version.checksum === checksum && !version.deleted);
  }

  /**
   * Does a get called at `calledMs` tell of the newest version as it was acknowledged, certain by then? Nearly all do, and there
   * is nothing more to be said of them.
   */
  isPlainGet(generation: number, checksum: number, calledMs: number): boolean {
    const newest = this.#newest;
    if (newest === undefined || newest.generation !== generation || newest.checksum !== checksum) return false;
    return checksum !== 0 && newest.acknowledged && isCertain(newest, calledMs);
  }

  /** False where the generation may be one of those that were forgotten. */
  remembers(generation: number): boolean {
    return !this.#forgotten || generation >= (this.#versions[0]?.generation ?? 0);
  }

  /**
   * The newest version that was certain before `calledMs`, which an operation called then must see; 'forgotten'
   * when only newer ones are remembered.
   */
  floor(calledMs: number): KnownVersion | 'none' | 'forgotten' {
    if (this.#newest !== undefined && isCertain(this.#newest, calledMs)) return this.#newest;
    for (let i = this.#versions.length - 1; i >= 0; i--) {
      const version = this.#versions[i];
      if (version !== undefined && isCertain(version, calledMs)) return version;
    }
    return this.#forgotten ? 'forgotten' : 'none';
  }

  /** A version newer than `generation` that deleted the key, if one is known. */
  deletedAfter(generation: number): boolean {
    return this.#versions.some((version) => version.deleted && version.generation > generation);
  }

  /** A version was acknowledged or read. What is known already is kept, unless it becomes more certain. */
  learn(version: KnownVersion): void {
    let place = this.#versions.length;
    while (place > 0 && (this.#versions[place - 1]?.generation ?? 0) >= version.generation) place--;
    const same = this.#versions[place];
    if (same === undefined || same.generation !== version.generation) {
      this.#versions.splice(place, 0, version);
    } else if (version.acknowledged && !same.acknowledged) {
      const checksum = version.deleted ? 0 : version.checksum || same.checksum;
      this.#versions[place] = { ...version, checksum, sinceMs: same.sinceMs };
    } else if (same.checksum === 0 && !same.deleted) {
      this.#versions[place] = { ...same, checksum: version.checksum };
    }
    if (this.#versions.length > VERSIONS) {
      this.#versions.shift();
      this.#forgotten = true;
    }
    this.#newest = this.#versions.at(-1);
  }

  /** A write ended in doubt. Checksum 0: with content that is not known. */
  doubtPut(checksum: number): void {
    if (checksum !== 0 && this.#unknownPuts.length < UNKNOWNS) this.#unknownPuts.push(checksum);
    else this.#forgottenPuts = true;
  }

  doubtDelete(): void {
    this.#unknownDeletes++;
  }
}

function isCertain(version: KnownVersion, calledMs: number): boolean {
  return version.sinceMs < calledMs - SAME_INSTANT_MS;
}
