import { Bench } from 'tinybench';
import { partitionOf } from '../hash.ts';
import { benchCluster, benchPlacement, retainedBytes } from './placement.bench.ts';

/** What finding the owner of a key costs with one of ours or with a package from npm, in wall-clock time. */
export interface RivalBenchRow {
  /** `ring`, `npm hashring` and so on. */
  readonly name: string;
  readonly nodes: number;
  /** From the key's text to its owner: the median over the samples, each of which is the mean of a batch. */
  readonly nsPerKey: number;
  /** Building it from a list of names, median. */
  readonly buildMs: number;
  /** What it keeps in memory; undefined without `--expose-gc`. */
  readonly bytes: number | undefined;
}

/** The owner of a key, by whatever means. */
type OwnerOf = (key: string) => unknown;

interface Contestant {
  readonly name: string;
  build(ids: readonly string[]): OwnerOf;
}

type Method = (...args: readonly unknown[]) => unknown;

/** How each package is built and asked; a package that isn't installed is left out. Their options stay as they are. */
const packages: Readonly<Record<string, (module: unknown, ids: readonly string[]) => OwnerOf>> = {
  hashring(module, ids) {
    const ring = construct(member(module, 'default'), ids);
    return (key) => invoke(ring, 'get', key);
  },
  ketama(module, ids) {
    const ring = construct(member(module, 'HashRing'), ids);
    return (key) => invoke(ring, 'getNode', key);
  },
  'skeleton-rendezvous'(module, ids) {
    const hasher = construct(member(module, 'default'), { sites: ids });
    return (key) => invoke(hasher, 'findSite', key);
  },
  'jump-gouache'(module, ids) {
    const hash = member(module, 'murmurConsistentHash');
    if (!isMethod(hash)) throw new Error('jump-gouache: no murmurConsistentHash');
    return (key) => ids[Number(member(hash(key, ids.length), 'bucket'))];
  },
  'consistent-hash'(module, ids) {
    const ring = construct(member(module, 'default'), { range: 1_000_003 });
    for (const id of ids) invoke(ring, 'add', id);
    return (key) => invoke(ring, 'get', key);
  },
};

/** Ours that do what one of the packages does. */
const ours = ['ring', 'ketama', 'weighted-rendezvous', 'jump', 'jump-back', 'anchor', 'memento', 'maglev', 'modulo'];

const keysPerSample = 64;
const partitions = 4096;
/** Who took longer to build than this is left out of the sizes that follow: some grow with the square of the nodes. */
const tooLongMs = 300;

/**
 * Measures, in one run, ours against those packages that are installed, with 10, 100, 1,000 and 10,000 nodes. Ours go from the
 * key's text by way of its partition, as the store does.
 *
 * @param timeMs - Time spent on each figure.
 */
export async function runRivalBench(
  timeMs = 100,
  sizes: readonly number[] = [10, 100, 1000, 10_000],
): Promise<readonly RivalBenchRow[]> {
  let contestants = [...ours.map(ofOurs), ...(await installed())];
  const keys = Array.from({ length: 4096 }, (_, i) => `photos/2024/${i * 7919}.jpg`);
  const rows: RivalBenchRow[] = [];
  for (const nodes of sizes) {
    const ids = benchCluster(nodes, 5).map(({ id }) => id);
    const bench = new Bench({ time: timeMs, warmupTime: timeMs / 4, iterations: 3, warmupIterations: 1, throws: true });
    for (const { name, build } of contestants) {
      bench.add(`${name} look-up`, lookingUp(build(ids), keys));
      bench.add(`${name} build`, () => build(ids));
    }
    await bench.run();
    for (const { name, build } of contestants) {
      const lookup = bench.getTask(`${name} look-up`)?.result;
      const built = bench.getTask(`${name} build`)?.result;
      if (lookup?.state !== 'completed' || built?.state !== 'completed') continue;
      const nsPerKey = (lookup.latency.p50 * 1e6) / keysPerSample;
      rows.push({ name, nodes, nsPerKey, buildMs: built.latency.p50, bytes: retainedBytes(() => build(ids)) });
    }
    const slow = rows.filter((row) => row.nodes === nodes && row.buildMs > tooLongMs).map(({ name }) => name);
    contestants = contestants.filter(({ name }) => !slow.includes(name));
  }
  return rows;
}

function ofOurs(name: string): Contestant {
  return {
    name,
    build(ids) {
      const members = benchCluster(ids.length, 5);
      const placement = benchPlacement(name, members);
      return (key) => placement.replicas(partitionOf(key, partitions), 1).nodes[0];
    },
  };
}

async function installed(): Promise<readonly Contestant[]> {
  const found: Contestant[] = [];
  for (const [name, adapt] of Object.entries(packages)) {
    const module = await load(name);
    if (module !== undefined) found.push({ name: `npm ${name}`, build: (ids) => adapt(module, ids) });
  }
  return found;
}

async function load(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch {
    return undefined;
  }
}

function lookingUp(ownerOf: OwnerOf, keys: readonly string[]): () => void {
  let next = 0;
  return () => {
    for (let i = 0; i < keysPerSample; i++) ownerOf(keys[next++ % keys.length] ?? '');
  };
}

function member(of: unknown, name: string): unknown {
  return (typeof of === 'object' && of !== null) || typeof of === 'function' ? Reflect.get(of, name) : undefined;
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

function isConstructor(value: unknown): value is new (...args: readonly unknown[]) => unknown {
  return typeof value === 'function';
}

function construct(type: unknown, ...args: readonly unknown[]): unknown {
  if (!isConstructor(type)) throw new Error('the package has changed: no constructor where there was one');
  return new type(...args);
}

function invoke(of: unknown, name: string, argument: unknown): unknown {
  const method = member(of, name);
  return isMethod(method) ? method.call(of, argument) : undefined;
}
