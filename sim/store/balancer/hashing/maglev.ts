import { z } from 'zod';
import { Word64 } from '../../hash/word64.ts';
import { compareIds } from '../../placement/hash-ring.ts';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { textHashes } from '../hash/text-hash.ts';
import { EnvoyBoundedLoad, hashBalanceFactorOption } from './envoy-bounded-load.ts';
import { HashedTable } from './hashed-table.ts';
import { isPrime, type MaglevPermutation, maglevTable } from './maglev-table.ts';

const options = z.strictObject({
  tableSize: z
    .int()
    .min(3)
    .max(5_000_011)
    .refine(isPrime, 'a prime')
    .default(65_537)
    .describe('M, slots of the table, a prime; 100 or more a backend keep shares within 1 %.'),
  hash: z
    .enum(['xxh64', 'siphash24-maglev'])
    .default('xxh64')
    .describe(
      'How backends get their permutations: as in Envoy, or as in go-maglev. Keys are always hashed with XXH64.',
    ),
  hashBalanceFactor: hashBalanceFactorOption(),
});

/** Options of the balancer `maglev`. */
export type MaglevOptions = z.infer<typeof options>;

const hash = new Word64();

/** The permutation of a backend by its name, by the hash functions of Envoy (two seeds) or go-maglev (two halves of one hash). */
export function maglevPermutation(name: string, size: number, kind: MaglevOptions['hash']): MaglevPermutation {
  if (kind === 'siphash24-maglev') {
    textHashes[kind](name, hash);
    return { offset: (hash.high >>> 0) % size, skip: ((hash.low >>> 0) % (size - 1)) + 1 };
  }
  return {
    offset: textHashes.xxh64(name, hash).modulo(size),
    skip: textHashes['xxh64-1'](name, hash).modulo(size - 1) + 1,
  };
}

/**
 * The backend of the first slot at or after the key's whose backend is eligible. The slots behind one are owned as if at random, so the
 * keys of a backend that drops out spread over the rest. Envoy builds a new table instead when a host's health changes, and hashes again
 * for a retry; here who is eligible differs from key to key.
 */
class Maglev implements Balancer {
  readonly #options: MaglevOptions;
  readonly #bound: EnvoyBoundedLoad;
  readonly #table = new HashedTable();
  readonly #hash = new Word64();
  /** Place in the table of backends, by slot. */
  #owners = new Int32Array(0);

  constructor(chosen: MaglevOptions) {
    this.#options = chosen;
    this.#bound = new EnvoyBoundedLoad(chosen.hashBalanceFactor);
  }

  update(backends: readonly Backend[]): void {
    if (!this.#table.update(backends) || backends.length === 0) return;
    const { tableSize, hash: kind } = this.#options;
    const inTurn = [...backends].sort(compareIds);
    const slots = maglevTable(
      inTurn.map(({ id }) => maglevPermutation(id, tableSize, kind)),
      inTurn.map(({ weight }) => weight),
      tableSize,
    );
    this.#owners = slots.map((turn) => inTurn[turn]?.index ?? 0);
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    this.#table.mark(eligible);
    const key = textHashes.xxh64(request.key, this.#hash);
    const position = this.#table.walk(this.#owners, key.modulo(this.#options.tableSize));
    // None is found only where there are more backends than slots.
    return this.#bound.choose(this.#table.at(this.#owners[position] ?? -1) ?? first, key, eligible);
  }

  onDone(): void {
    // Loads are read off the backends.
  }
}

export const maglev: BalancerDefinition<MaglevOptions> = {
  name: 'maglev',
  summary:
    'Consistent hashing by one look-up in a table that backends fill in turn: even shares, nearly minimal moves.',
  source:
    'D. Eisenbud et al., "Maglev" (NSDI 2016); tables bit-exact with Envoy (MAGLEV, with its weights and hashBalanceFactor) and go-maglev.',
  complexity:
    'Pick O(eligible + backends / eligible) expected; memory O(tableSize); update O(tableSize × log tableSize).',
  weakness:
    'Blind to load; a change of the table moves a few keys of backends that stayed; more backends than slots get nothing.',
  options,
  create: (_context, chosen) => new Maglev(chosen),
};
