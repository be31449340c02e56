import { type Scenario, type ScenarioInput, scenarioSchema } from '../scenario.ts';

/**
 * `promise`: so little that the store's promise still binds it, fewer than W replicas. `no limit`: any number of disks may be wiped,
 * of which the checks know. `nothing`: the trial has faults without an end instead; what is out of reach and what is destroyed
 * together would be more than the checks can tell from a wrong answer.
 */
export type Allowance = 'promise' | 'no limit' | 'nothing';

/** How much of a cluster the faults of a trial may still destroy or take away for good, while they are drawn one after another. */
export class Tolerance {
  readonly #allowance: Allowance;
  readonly #replication: number;
  readonly #zoneOf: ReadonlyMap<string, number>;
  readonly #gone = new Set<string>();
  readonly #rotten = new Set<string>();
  readonly #damaged = new Set<string>();
  readonly #mostDamaged: number;
  readonly #members: readonly string[];
  /** Members of the metadata group that may still lose what they promised. */
  #amnesiasLeft: number;
  #leavesLeft: number;
  readonly #standby: string[];

  constructor(cluster: Scenario['cluster'], allowance: Allowance) {
    const { data, metadata, replication, writeQuorum, zones } = cluster;
    const ids = Array.from({ length: data.count + data.standby }, (_, i) => `data-${i + 1}`);
    this.#allowance = allowance;
    this.#replication = replication;
    this.#zoneOf = new Map(ids.slice(0, data.count).map((id, i) => [id, i % zones.length]));
    this.#standby = ids.slice(data.count);
    this.#mostDamaged = allowance === 'nothing' ? 0 : writeQuorum - 1;
    this.#members = Array.from({ length: metadata.count }, (_, i) => `metadata-${i + 1}`);
    // Who has lost its disk is let in as somebody new, and counts as lost until then: the others must be a majority.
    this.#amnesiasLeft = (metadata.count - 1) >> 1;
    // The guard against giving up too much at once: metadata replaces no more than a third of the nodes.
    this.#leavesLeft = Math.min(data.count - replication, Math.floor(data.count / 3));
  }

  /** Data nodes that run and keep what they have, by their number. */
  get dataNodes(): readonly string[] {
    return [...this.#zoneOf.keys()].filter((id) => !this.#gone.has(id));
  }

  /** Members of the metadata group, by their number. */
  get members(): readonly string[] {
    return this.#members;
  }

  /** Nodes that stand by; each is given once. */
  takeStandby(): string | undefined {
    return this.#standby.shift();
  }

  /** A node loses what its disk holds, and goes on. False if that is one too many. */
  destroy(id: string): boolean {
    return this.#damage(id, this.#allowance === 'no limit' && this.#rotten.size === 0);
  }

  /** Some of what a node's disk holds goes bad. Never too many, since no check can know which blocks that were. */
  rot(id: string): boolean {
    if (!this.#damage(id, false)) return false;
    this.#rotten.add(id);
    return true;
  }

  /**
   * A member of the metadata group loses its log, all or in part. Beyond a minority the group is lost, and answers nobody. A
   * group of one is spared: what it has lost it can't know.
   */
  forget(_member: string): boolean {
    if (this.#members.length === 1) return false;
    if (this.#amnesiasLeft < 1) return this.#allowance === 'no limit';
    this.#amnesiasLeft -= 1;
    return true;
  }

  /** A node is out for good, with what its disk holds. */
  lose(id: string): boolean {
    if (this.#allowance !== 'promise' || !this.#mayLeave(id) || !this.destroy(id)) return false;
    return this.#leave(id);
  }

  /** A node hands over what it holds and leaves. */
  drain(id: string): boolean {
    return this.#mayLeave(id) && this.#leave(id);
  }

  #damage(id: string, unlimited: boolean): boolean {
    if (!this.#damaged.has(id) && !unlimited && this.#damaged.size >= this.#mostDamaged) return false;
    this.#damaged.add(id);
    return true;
  }

  #mayLeave(id: string): boolean {
    const zone = this.#zoneOf.get(id);
    const neighbours = this.dataNodes.filter((other) => other !== id && this.#zoneOf.get(other) === zone);
    return this.#leavesLeft > 0 && neighbours.length > 0 && this.dataNodes.length > this.#replication;
  }

  #leave(id: string): boolean {
    this.#leavesLeft -= 1;
    this.#gone.add(id);
    return true;
  }
}

/** Do the faults of a scenario stay within what the store must survive? False too if it is no scenario. */
export function withinTolerance(input: ScenarioInput): boolean {
  const parsed = scenarioSchema.safeParse(input);
  if (!parsed.success) return false;
  const { cluster, faults } = parsed.data;
  const tolerance = new Tolerance(cluster, 'promise');
  return faults.every(({ kind, target, duration }) => {
    const taken = take(tolerance, kind, duration === undefined);
    if (taken === undefined) return true;
    const targets: readonly unknown[] = Array.isArray(target) ? target : [target];
    return targets.every((id) => typeof id === 'string' && taken(id));
  });
}

/** What a fault takes from the tolerance for good; undefined for nothing. */
function take(tolerance: Tolerance, kind: string, forGood: boolean): ((id: string) => boolean) | undefined {
  const isData = (id: string) => tolerance.dataNodes.includes(id);
  const isMember = (id: string) => tolerance.members.includes(id);
  switch (kind) {
    case 'crash':
      return forGood ? (id) => isData(id) && tolerance.lose(id) : undefined;
    case 'drain':
    case 'leave':
      return (id) => isData(id) && tolerance.drain(id);
    case 'wipe-disk':
      return (id) => (isMember(id) ? tolerance.forget(id) : isData(id) && tolerance.destroy(id));
    case 'bit-rot':
      return (id) => (isMember(id) ? tolerance.forget(id) : isData(id) && tolerance.rot(id));
    default:
      return undefined;
  }
}
