import { z } from 'zod';
import { AlgorithmError, type AlgorithmRegistry, createAlgorithm, findAlgorithm } from '../../algorithm.ts';
import type { Balancer, BalancerContext } from '../balancer.ts';

/** The balancers that may choose among the backends that a balancer of this folder leaves. */
export type InnerBalancers = AlgorithmRegistry<BalancerContext, Balancer>;

/** Options that name the balancer inside. */
export function withinOptions(inner: InnerBalancers, fallback: string) {
  return {
    within: z
      .string()
      .superRefine((name, context) => {
        try {
          findAlgorithm('balancer', inner, name);
        } catch (error) {
          if (!(error instanceof AlgorithmError)) throw error;
          context.addIssue({ code: 'custom', message: error.fault.accepted });
        }
      })
      .default(fallback)
      .describe('The balancer that chooses among those that are left.'),
    withinOptions: z.record(z.string(), z.unknown()).default({}).describe('Its options.'),
  };
}

/** Builds the balancer inside. @throws AlgorithmError for options that it refuses. */
export function createWithin(
  inner: InnerBalancers,
  chosen: { readonly within: string; readonly withinOptions: Readonly<Record<string, unknown>> },
  context: BalancerContext,
): Balancer {
  return createAlgorithm('balancer', inner, chosen.within, chosen.withinOptions, context);
}
