import { z } from 'zod';
import type { RandomStream } from '../../host.ts';
import type { SimulatedNode } from '../node.ts';
import type { World } from '../world.ts';
import { type TargetSelector, targetSchema } from './targets.ts';

/** A fault that is in force. */
export interface ActiveFault {
  /** Ends it: the world is as if it had never been, but for what it did. Called at most once. */
  stop(): void;
  /** Proof that it fired: how many messages, operations or processes it has touched so far. Also asked after `stop`. */
  effects(): number;
}

/** What a fault is started with. */
export interface FaultContext<Params> {
  readonly world: World;
  /** Never empty, unless the kind takes no target. */
  readonly targets: readonly SimulatedNode[];
  readonly params: Params;
  /** The nodes that the selector in the named field stands for; see `selectors` of {@link FaultDefinition}. */
  group(field: string): readonly SimulatedNode[];
  /** A stream of this fault's own. */
  readonly random: RandomStream;
}

/** One kind of fault: what it does, how it ends, how it reads. One file each. */
export interface FaultDefinition<Shape extends z.ZodRawShape> {
  readonly kind: string;
  /** One sentence for the list of kinds. */
  readonly summary: string;
  /** `none` for what has no node to strike, such as adding one. */
  readonly target: 'nodes' | 'none';
  /** Whether it may, must or cannot have a `durationMs`. Without one it lasts to the end of the run. */
  readonly duration: 'optional' | 'required' | 'none';
  /** Fields of its own, beside kind, target, atMs and durationMs. */
  readonly params: Shape;
  /** Those of its own fields that select further nodes: others than the target's. */
  readonly selectors?: readonly (keyof Shape & string)[];
  /** The fault in a few words, such as "slow disk × 20 on data-3". When it starts and how long it lasts is added. */
  describe(fault: { readonly target: string; readonly params: z.infer<z.ZodObject<Shape>> }): string;
  start(context: FaultContext<z.infer<z.ZodObject<Shape>>>): ActiveFault;
}

/** Fields that every fault has. */
export interface FaultSpec {
  readonly kind: string;
  readonly target?: TargetSelector | undefined;
  /** When it strikes, in ms of virtual time. */
  readonly atMs: number;
  readonly durationMs?: number | undefined;
  readonly [param: string]: unknown;
}

/** A fault of a scenario with its fields checked. */
export interface BoundFault {
  readonly spec: FaultSpec;
  /** Further groups of nodes, by the name of their field. */
  readonly selectors: ReadonlyMap<string, TargetSelector>;
  describe(target: string): string;
  start(context: Omit<FaultContext<unknown>, 'params'>): ActiveFault;
}

/** A {@link FaultDefinition} as the registry keeps it: the same for all shapes of parameters. */
export interface FaultKind {
  readonly kind: string;
  readonly summary: string;
  readonly target: 'nodes' | 'none';
  /** All fields, strict. */
  readonly schema: z.ZodType<FaultSpec>;
  readonly fields: readonly string[];
  /** @throws z.ZodError if the fields are not acceptable. */
  bind(fault: unknown): BoundFault;
}

/** Makes a kind of fault from its definition. */
export function defineFault<Shape extends z.ZodRawShape>(definition: FaultDefinition<Shape>): FaultKind {
  const { kind, summary, target } = definition;
  const durationMs = z.number().positive().describe('how long it lasts, in ms');
  const common = {
    kind: z.literal(kind),
    atMs: z.number().nonnegative().describe('when it strikes, in ms of virtual time'),
    ...(target === 'nodes' ? { target: targetSchema } : {}),
    ...(definition.duration === 'required' ? { durationMs } : {}),
    ...(definition.duration === 'optional' ? { durationMs: durationMs.optional() } : {}),
  };
  const schema = z.strictObject({ ...common, ...definition.params });
  const params = z.object(definition.params);
  const bind = (fault: unknown): BoundFault => {
    const spec: FaultSpec = faultSpec.parse(schema.parse(fault, { reportInput: true }));
    const own = params.parse(fault);
    const selectors = new Map<string, TargetSelector>();
    for (const field of definition.selectors ?? []) selectors.set(field, targetSchema.parse(spec[field]));
    return {
      spec,
      selectors,
      describe: (targetText) => definition.describe({ target: targetText, params: own }),
      start: (context) => definition.start({ ...context, params: own }),
    };
  };
  return {
    kind,
    summary,
    target,
    schema: schema.transform((fault) => faultSpec.parse(fault)),
    fields: Object.keys(schema.shape),
    bind,
  };
}

const faultSpec = z.looseObject({
  kind: z.string(),
  target: targetSchema.optional(),
  atMs: z.number(),
  durationMs: z.number().optional(),
});
