import { z } from 'zod';
import { arrivalsSchema } from './arrivals/registry.ts';
import { numberField, positive, show, strict, text, wholeFromOne } from './fields.ts';
import { shapedMixSchema } from './mix.ts';
import { phaseSchema } from './phases/registry.ts';
import { popularitySchema } from './popularity/registry.ts';
import { sizesSchema } from './sizes/registry.ts';
import { byteSize, duration } from './units.ts';

const maxKeys = 1 << 30;

/** Number of objects, from 1 to 2^30. */
const keyCount = numberField(
  `a whole number from 1 to ${maxKeys}`,
  (value) => value >= 1 && value <= maxKeys && Number.isSafeInteger(value),
);

/** What every kind of traffic has. */
const common = {
  /** The traffic ends here; by default with the scenario, the trace or the profile. */
  duration: duration.optional(),
  /** Number of client sessions, over which requests are spread evenly where the traffic names no client of its own. */
  clients: wholeFromOne.default(1000),
};

/** Traffic drawn from distributions. */
export const generatedSchema = strict({
  /** Requests per second. */
  rate: positive,
  arrivals: arrivalsSchema.default({ kind: 'poisson' }),
  keys: strict({
    count: keyCount,
    popularity: popularitySchema.default({ kind: 'zipf', exponent: 0.99 }),
    prefix: z.string().default('object/'),
  }),
  sizes: sizesSchema.default({ kind: 'fixed', bytes: 64 * 1024 }),
  mix: shapedMixSchema.default({ get: 1 }),
  phases: z.array(phaseSchema).default([]),
  ...common,
});

/** A recorded trace, replayed. */
const traceSchema = strict({
  /** The file, plain or gzip, relative to the project's root. */
  trace: text,
  /** Name or path of a profile that is played where the file is not there: a trace is often other people's. */
  elseProfile: text.optional(),
  /** Name of its format; by default recognised by its content. */
  format: text.optional(),
  /** 60 plays an hour in a minute. */
  timeScale: positive.default(1),
  /** Share of the requests that is played, picked at random. */
  sample: numberField('a number above 0, at most 1', (value) => value > 0 && value <= 1).default(1),
  /** How many times the trace is played, end to end. */
  loops: wholeFromOne.default(1),
  /** Number of malformed lines that are skipped and counted before the file is refused. */
  maxBadLines: z.number().int().min(0).default(0),
  /** Size of the objects whose size the trace doesn't tell; by default the format's. */
  unknownSize: byteSize.optional(),
  ...common,
});

/** Traffic drawn from a profile, which was fitted to a recorded trace. */
export const profileTrafficSchema = strict({
  /** Name of a file in scenarios/profiles without `.json`, or a path to a profile, relative to the project's root. */
  profile: text,
  /** Mean requests per second; by default the trace's times `timeScale`. */
  rate: positive.optional(),
  /** 60 plays an hour in a minute. */
  timeScale: positive.default(1),
  ...common,
});

export type GeneratedSpec = z.output<typeof generatedSchema>;
export type TraceSpec = z.output<typeof traceSchema>;
export type ProfileSpec = z.output<typeof profileTrafficSchema>;

/** The traffic of a scenario, checked and with its defaults. */
export type TrafficSpec = GeneratedSpec | TraceSpec | ProfileSpec;

/** The traffic of a scenario, as its author writes it. */
export type TrafficInput =
  | z.input<typeof generatedSchema>
  | z.input<typeof traceSchema>
  | z.input<typeof profileTrafficSchema>;

/**
 * The traffic part of a scenario: `{ rate, keys, … }`, `{ trace, … }` or `{ profile, … }`.
 *
 * Not a plain union, which would blame a wrong field on all three forms: the form is told by which of
 * `trace` and `profile` is there, and only its complaints are reported.
 */
export const trafficSchema = z
  .custom<TrafficInput>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: ({ input }) => `found ${show(input)}; accepted: { rate, keys, … }, { trace, … } or { profile, … }`,
  })
  .transform((input, context): TrafficSpec => {
    const schema = 'trace' in input ? traceSchema : 'profile' in input ? profileTrafficSchema : generatedSchema;
    const parsed = schema.safeParse(input);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      context.addIssue({ code: 'custom', message: issue.message, path: [...issue.path], input });
    }
    return z.NEVER;
  });
