import type { NodeId } from '../../../host.ts';
import { murmur3Word } from '../../hash.ts';
import type { PlacementNode } from '../placement.ts';
import { gatherForBalance, gatherForDispersion } from './gather.ts';
import { partsWanted } from './parts-wanted.ts';
import { reassign } from './reassign.ts';
import { replicaPlan } from './replica-plan.ts';
import { markMoved, nobody, type RingState } from './ring-state.ts';
import { tierTree } from './tier-tree.ts';

/** What a ring is built by. */
export interface RingOptions {
  /** The ring has 2^partPower partitions. */
  readonly partPower: number;
  readonly replicas: number;
  /** A partition of which a replica moved less than this ago is left alone, unless its device is gone. */
  readonly minPartHours: number;
  /** By how much a device may be over its weight's share where that keeps replicas apart: 0.1 is 10 %. */
  readonly overload: number;
  /** Of the chances that tell equals apart. */
  readonly seed: number;
}

/** A ring as a rebalance left it. Nothing in it changes any more. */
export interface Ring {
  readonly options: RingOptions;
  readonly state: RingState;
  /** Replicas that the rebalance gave to another device, or to a first one. */
  readonly changedParts: number;
  readonly gatherStart: number;
  /** How many rebalances made it. */
  readonly version: number;
}

/** Times that a rebalance takes replicas from devices that have too many, if the ones before did not do. */
const gathers = 3;

/**
 * One rebalance: replicas of devices that are gone, then those that must be further apart, then those of devices with too many are taken
 * and given to whom wants most. No partition has two replicas moved within `minPartHours`, so a large change takes several
 * rebalances. The ring before stays as it is.
 *
 * Source: OpenStack Swift, `RingBuilder.rebalance` at d57c078e. Its chances are CPython's and here are MurmurHash3's, so the tables are not
 * its own but as good. Left out: replica counts with a fraction.
 *
 * @param nodes - In a fixed order, at least `options.replicas` of them.
 * @param before - The ring until now; undefined for a new one.
 * @param hours - Time since that was made.
 */
export function rebalance(nodes: readonly PlacementNode[], options: RingOptions, before?: Ring, hours = 0): Ring {
  const version = (before?.version ?? 0) + 1;
  const state = stateFor(nodes, options, before, hours);
  const { parts } = state;
  const start = before?.gatherStart ?? 0;
  let draws = 0;
  const random = (bound: number) => murmur3Word(draws++, Math.imul(version, 0x9e3779b1) ^ options.seed) % bound;

  partsWanted(state.tree, state.plan, parts, options.replicas).forEach((wanted, place) => {
    const device = state.devices[place];
    if (device !== undefined) device.wanted = wanted - device.parts;
  });
  gatherHomeless(state, before);
  gatherForDispersion(state);
  let gatherStart = start;
  for (let gather = 0; gather < gathers; gather++) {
    gatherStart = (gatherStart + Math.floor(parts / 4) + random(Math.floor(parts / 2) + 1)) % parts;
    gatherForBalance(state, gatherStart, gather === 0);
    if (state.unplaced.size === 0) break;
    reassign(state, random);
    if (state.devices.every(({ wanted }) => wanted >= 0)) break;
  }
  return { options, state, changedParts: changes(state, before), gatherStart, version };
}

function stateFor(
  nodes: readonly PlacementNode[],
  options: RingOptions,
  before: Ring | undefined,
  hours: number,
): RingState {
  const parts = 1 << options.partPower;
  const tree = tierTree(nodes);
  const places = new Map<NodeId, number>(nodes.map(({ id }, place) => [id, place]));
  const placeNow = before?.state.devices.map(({ node }) => places.get(node.id) ?? nobody) ?? [];
  const rows = Array.from({ length: options.replicas }, (_, replica) => {
    const old = before?.state.rows[replica];
    return Int32Array.from({ length: parts }, (_, part) => placeNow[old?.[part] ?? nobody] ?? nobody);
  });
  const devices = nodes.map((node, place) => ({ node, tiers: tree.paths[place] ?? [], parts: 0, wanted: 0 }));
  for (const row of rows) {
    for (const place of row) {
      const device = devices[place];
      if (device !== undefined) device.parts++;
    }
  }
  return {
    parts,
    rows,
    devices,
    tree,
    plan: replicaPlan(tree, nodes, options.replicas, options.overload),
    minPartHours: options.minPartHours,
    hours: Uint8Array.from({ length: parts }, (_, part) => Math.min(255, (before?.state.hours[part] ?? 0) + hours)),
    moved: new Uint8Array(parts),
    unplaced: new Map(),
  };
}

/** Replicas that never had a device, and those whose device is gone: these count as moved now. */
function gatherHomeless(state: RingState, before: Ring | undefined): void {
  for (let part = 0; part < state.parts; part++) {
    const homeless = [...state.rows.keys()].filter((replica) => state.rows[replica]?.[part] === nobody);
    if (homeless.length === 0) continue;
    state.unplaced.set(part, homeless);
    if (homeless.some((replica) => before?.state.rows[replica] !== undefined)) markMoved(state, part);
  }
}

function changes({ rows, devices, parts }: RingState, before: Ring | undefined): number {
  let changed = 0;
  rows.forEach((row, replica) => {
    const old = before?.state.rows[replica];
    for (let part = 0; part < parts; part++) {
      const was = before?.state.devices[old?.[part] ?? nobody]?.node.id;
      if (devices[row[part] ?? nobody]?.node.id !== was) changed++;
    }
  });
  return changed;
}
