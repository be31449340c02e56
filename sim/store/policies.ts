import type { AlgorithmInfo } from './algorithm.ts';

/** A policy that stands around any balancer, and the setting of a scenario that turns it on. */
export interface PolicyInfo extends AlgorithmInfo {
  /** Component whose setting it is: `cluster.settings.<component>.<setting>`. */
  readonly component: 'gateway' | 'client';
  readonly setting: string;
}

/**
 * The policies that decide, whatever the balancer, who may be asked, how often, and for how much: gateways have those that judge data
 * nodes, clients those that judge gateways. They are built with the component that has them; this is what the catalogue says of them.
 */
export const policies: readonly PolicyInfo[] = [
  {
    name: 'outlier-ejection',
    component: 'gateway',
    setting: 'outlierEjection',
    summary: 'Takes nodes out of reads that fail more than their peers: a capped share of them, longer each time.',
    source: 'Envoy, outlier detection; gRFC A50.',
    complexity: 'O(1) a request, O(backends) an interval; memory O(backends).',
    weakness: 'Sees failures, not slowness; of few nodes or few requests it judges none.',
  },
  {
    name: 'circuit-breaker',
    component: 'gateway',
    setting: 'circuitBreaker',
    summary: 'Sends nothing to a node that keeps failing; after a pause, a few probes decide.',
    source: 'M. Nygard, "Release It!"; Resilience4j.',
    complexity: 'O(1) a request; memory O(backends × windowCalls).',
    weakness: 'Each gateway learns for itself, and pays for its probes with requests.',
  },
  {
    name: 'backend-limits',
    component: 'gateway',
    setting: 'backendLimits',
    summary: 'Bounds the requests and the retries that are open to one node.',
    source: 'Envoy, circuit breaking: max_requests, max_retries.',
    complexity: 'O(1) a request; memory O(backends).',
    weakness: 'A fixed number: too low in good times, or too high in bad ones.',
  },
  {
    name: 'slow-start',
    component: 'gateway',
    setting: 'slowStart',
    summary: 'Gives a node that joins or returns its weight little by little.',
    source: 'Envoy, slow start.',
    complexity: 'O(backends) a step; memory O(backends).',
    weakness: 'Balancers that are blind to weight take no notice; rings are built anew at each step.',
  },
  {
    name: 'panic-threshold',
    component: 'gateway',
    setting: 'panicShare',
    summary: 'Reads from all replicas alike when too few nodes are sound to carry the load.',
    source: 'Envoy, panic threshold.',
    complexity: 'O(1) a request.',
    weakness: 'Sends requests to nodes that are known to be ill.',
  },
  {
    name: 'passive-health',
    component: 'gateway',
    setting: 'passiveHealth',
    summary: 'Leaves a node out for a while after attempts that it refused or reset.',
    source: 'nginx, max_fails and fail_timeout.',
    complexity: 'O(1) a request; memory O(backends).',
    weakness: 'By default a slow node is not left out: only refusals count.',
  },
  {
    name: 'retry-budget',
    component: 'gateway',
    setting: 'retryBudget',
    summary: 'Keeps retries a bounded share of requests, so that they cannot feed an overload.',
    source: 'Finagle, RetryBudget; gRFC A6.',
    complexity: 'O(1) a request; memory O(1).',
    weakness: 'While it is spent, a request that one retry would have saved fails.',
  },
  {
    name: 'adaptive-concurrency',
    component: 'gateway',
    setting: 'adaptiveConcurrency',
    summary: 'Sheds load beyond a limit that falls as latency rises; writes first. A layer: named in `middleware` too.',
    source: 'Netflix, concurrency-limits (gradient); Envoy, adaptive concurrency.',
    complexity: 'O(1) a request; memory O(1).',
    weakness: 'Takes a change of the work itself for an overload until its baseline has moved.',
  },
  {
    name: 'client-retry-budget',
    component: 'client',
    setting: 'retryBudget',
    summary: 'The same for the requests that a client repeats through another gateway.',
    source: 'Finagle, RetryBudget; gRFC A6.',
    complexity: 'O(1) a request; memory O(1).',
    weakness: 'Multiplies with the retries of gateways: both are bounded, their product is the bound.',
  },
  {
    name: 'hedging',
    component: 'client',
    setting: 'hedge',
    summary: 'Asks for a late get a second time through another gateway; the first answer counts.',
    source: 'J. Dean, L. A. Barroso, "The tail at scale" (2013); gRFC A6.',
    complexity: 'O(log window) a request; memory O(window).',
    weakness: 'Adds load when all are slow, up to its budget.',
  },
];
