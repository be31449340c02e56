import type { Host, RandomStream } from '../../host.ts';
import type { AttemptOutcome, Balancer } from '../balancer/balancer.ts';
import type { PassiveHealth } from '../passive-health.ts';
import type { RetryBudget } from '../retry-budget.ts';
import type { PooledBackend } from './backend-pool.ts';
import type { GatewayConfig } from './config.ts';
import type { Director } from './director.ts';
import type { BackendGuard } from './policy/guard.ts';
import type { StragglerReporter } from './straggler-reporter.ts';
import type { Verdict } from './traffic-window.ts';

/** Told of each new map. */
export interface MapWaiter {
  onMap(): void;
}

/** What an attempt at a data node is made for. */
export interface AttemptPurpose {
  readonly op: 'read' | 'write';
  readonly partition: number;
  /** When the latest attempts were sent, on the local monotonic clock. */
  readonly sentMs: number;
  /** Whether those repeat earlier ones. */
  readonly isRetry: boolean;
}

/** What a request in progress may use of its gateway. */
export interface GatewayCore {
  readonly host: Host;
  readonly config: GatewayConfig;
  readonly balancer: Balancer;
  readonly director: Director;
  readonly budget: RetryBudget;
  readonly health: PassiveHealth<PooledBackend>;
  readonly guard: BackendGuard;
  readonly stragglers: StragglerReporter;
  /** For pauses before retries. */
  readonly jitter: RandomStream;
  /** Of the map that requests are directed by. */
  readonly epoch: number;
  noticeEpoch(epoch: number): void;
  /** Told of each new map for as long as they are in here. */
  readonly refreshes: Set<MapWaiter>;
  /** A data node that was sent something at `sentMs` has had time to answer, if its caller's time is over or not. */
  isOverdue(sentMs: number): boolean;
  /** An attempt at a data node is about to be sent. */
  attemptSent(backend: PooledBackend, purpose: AttemptPurpose): void;
  /** It is over. Called once for each that was sent; returns how long it took, in ms. */
  attemptEnded(backend: PooledBackend, purpose: AttemptPurpose, outcome: AttemptOutcome, verdict: Verdict): number;
  /** A read was answered, `latencyMs` after its first attempt was sent. */
  readAnswered(latencyMs: number): void;
}
