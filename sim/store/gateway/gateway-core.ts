import type { Host } from '../../host.ts';
import type { AttemptOutcome, Balancer } from '../balancer/balancer.ts';
import type { PassiveHealth } from '../passive-health.ts';
import type { RetryBudget } from '../retry-budget.ts';
import type { PooledBackend } from './backend-pool.ts';
import type { GatewayConfig } from './config.ts';
import type { Director } from './director.ts';
import type { StragglerReporter } from './straggler-reporter.ts';

/** Told of each new map. */
export interface MapWaiter {
  onMap(): void;
}

/** What a request in progress may use of its gateway. */
export interface GatewayCore {
  readonly host: Host;
  readonly config: GatewayConfig;
  readonly balancer: Balancer;
  readonly director: Director;
  readonly budget: RetryBudget;
  readonly health: PassiveHealth<PooledBackend>;
  readonly stragglers: StragglerReporter;
  /** Of the map that requests are directed by. */
  readonly epoch: number;
  noticeEpoch(epoch: number): void;
  /** Told of each new map for as long as they are in here. */
  readonly refreshes: Set<MapWaiter>;
  /** An attempt at a data node, to read or to write, is over. */
  attemptEnded(
    backend: PooledBackend,
    partition: number,
    outcome: AttemptOutcome,
    sentMs: number,
    retry: boolean,
  ): void;
}
