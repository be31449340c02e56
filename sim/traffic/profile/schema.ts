import { z } from 'zod';
import { fraction, notNegative, positive, strict, wholeFromOne, wholeFromZero } from '../fields.ts';
import { mixSchema } from '../mix.ts';
import { probabilities } from './quantiles.ts';

const quantiles = z
  .array(notNegative)
  .refine((values) => values.length <= 1 || values.length === probabilities.length, {
    message: `accepted: none, one number, or the quantiles at ${probabilities.join(', ')}`,
  })
  .refine((values) => values.every((value, i) => i === 0 || value >= (values[i - 1] ?? 0)), {
    message: 'accepted: ascending numbers',
  });

const ascending = (values: readonly number[]) => values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0));

/**
 * How many requests each key got, hottest first, in a few numbers: at some ranks, the count of the key of
 * that rank and the requests of all keys up to it.
 */
const popularitySchema = strict({
  /** Ascending, from 1 to the number of keys. */
  ranks: z.array(wholeFromOne).min(1).refine(ascending, { message: 'accepted: ascending ranks' }),
  counts: z.array(wholeFromOne).min(1),
  /** The last is the number of requests. */
  upTo: z.array(wholeFromOne).min(1).refine(ascending, { message: 'accepted: ascending sums' }),
})
  .refine(({ ranks, counts, upTo }) => ranks.length === counts.length && ranks.length === upTo.length, {
    path: ['counts'],
    message: 'accepted: as many counts and sums as ranks',
  })
  .refine(({ counts }) => counts.every((count, i) => count <= (counts[i - 1] ?? count)), {
    path: ['counts'],
    message: 'accepted: counts that never rise',
  });

/** Keys that were asked for about equally often. */
const classSchema = strict({
  /** The class holds the keys of this many requests, and of fewer than the next class does. */
  fromCount: wholeFromOne,
  keys: wholeFromOne,
  requests: wholeFromOne,
  /** Requests (to any key) from one request of a key to its next one: quantiles over all such pairs. */
  gaps: quantiles,
  /** Object sizes in bytes: quantiles over the keys. */
  sizes: quantiles,
  /** Share of the keys whose first request is a put: the others were stored before. */
  bornByPut: fraction,
  /** Operations of all requests but those first puts. */
  mix: mixSchema.optional(),
});

/**
 * Traffic fitted to a recorded trace, in a few kilobytes. Figures about the trace, none of its records.
 * Whoever plays it needs nothing else.
 */
export const profileSchema = strict({
  kind: z.literal('evenkeel-traffic-profile'),
  version: z.literal(1),
  name: z.string().min(1),
  /** Where the figures come from. */
  provenance: strict({
    source: z.string(),
    licence: z.string(),
    file: z.string(),
    format: z.string(),
    /** Of the input file. */
    sha256: z.string(),
    bytes: wholeFromOne,
    lines: wholeFromOne,
    /** Day of the first request, if the trace's clock has an origin. */
    date: z.string().optional(),
    /** What wrote the profile. */
    tool: z.string(),
  }),
  requests: wholeFromOne,
  keys: wholeFromOne,
  /** Clients that were told apart; 0 if the trace doesn't tell. */
  clients: wholeFromZero,
  durationMs: positive,
  rate: strict({
    binMs: positive,
    /** Requests in each bin of time. */
    requests: z.array(wholeFromZero).min(1),
    windowMs: positive,
    /** Variance of the rate of a window inside its bin, over the square of its mean, beyond that of Poisson arrivals. */
    burstiness: notNegative,
  }),
  popularity: popularitySchema,
  /** Sizes of the hottest objects, in bytes, by rank. */
  hottestBytes: z.array(wholeFromZero),
  /** By count, ascending. */
  classes: z.array(classSchema).min(1),
  /** What the trace shows, so that a replay of the profile can be checked without the trace. */
  check: strict({
    onceShare: fraction,
    top10Share: fraction,
    meanBytes: notNegative,
    mix: mixSchema,
    lru: z.array(strict({ objects: wholeFromOne, hitRatio: fraction })),
  }),
})
  .refine(({ keys, popularity }) => popularity.ranks.at(-1) === keys, {
    path: ['popularity', 'ranks'],
    message: 'the last is not the number of keys; accepted: ranks up to `keys`',
  })
  .refine(({ requests, popularity }) => popularity.upTo.at(-1) === requests, {
    path: ['popularity', 'upTo'],
    message: 'the last is not the number of requests; accepted: sums up to `requests`',
  });

/** A fitted profile; see `profileSchema`. */
export type Profile = z.output<typeof profileSchema>;

/** The popularity curve of a profile. */
export type PopularityCurve = Profile['popularity'];

/** One class of keys of a profile. */
export type ProfileClass = Profile['classes'][number];
