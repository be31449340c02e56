import { z } from 'zod';
import type { NodeId, RandomStream } from '../../host.ts';
import type { EventHandler } from '../../kernel/kernel.ts';
import type { SimulatedNode } from '../node.ts';
import { readableIssues } from '../readable-issues.ts';
import type { World } from '../world.ts';
import type { ActiveFault, BoundFault, FaultSpec } from './fault.ts';
import type { FaultRegistry } from './registry.ts';
import { type DynamicTargets, Targets, targetText } from './targets.ts';

/** What a fault did, for the record. */
export interface FaultWindow {
  readonly kind: string;
  /** "crash data-3 at 60 s for 20 s". */
  readonly line: string;
  readonly targets: readonly NodeId[];
  readonly startMs: number;
  /** Null: it lasted to the end of the run. */
  readonly endMs: number | null;
  /** What it touched; 0 means that it did nothing. */
  readonly effects: number;
}

export interface FaultInjectorOptions {
  /** Roles such as `leader` that are filled at the moment of the strike. */
  readonly dynamic?: DynamicTargets;
  /** Names of nodes that the scenario will add. */
  readonly futureNodes?: readonly NodeId[];
}

const STRIKE = 0;
const LIFT = 1;

/**
 * Strikes a run with the faults of its scenario. Each fault draws from a stream of its own, so variants of a comparison
 * that have the same nodes see the same targets.
 */
export class FaultInjector {
  readonly #faults: ScheduledFault[];

  /** @throws Error if a fault has an unknown kind, wrong fields, or a target that can match nothing. */
  constructor(world: World, registry: FaultRegistry, faults: readonly FaultSpec[], options: FaultInjectorOptions = {}) {
    const targets = new Targets(world, options.dynamic);
    this.#faults = faults.map((spec, index) => {
      const where = `faults[${index}] (${spec.kind})`;
      const bound = explain(where, () => registry.get(spec.kind).bind(spec));
      const selectors = [...bound.selectors.values()];
      if (bound.spec.target !== undefined) selectors.push(bound.spec.target);
      for (const selector of selectors) explain(where, () => targets.check(selector, options.futureNodes ?? []));
      explain(where, () => targets.checkApart(selectors));
      return new ScheduledFault(world, targets, bound, world.kernel.stream(`faults:${index}`));
    });
  }

  /** Schedules all strikes, with the scenario's time 0 at `originMs`: windows tell the scenario's time. Once, before the run. */
  arm(originMs = 0): void {
    for (const fault of this.#faults) fault.arm(originMs);
  }

  /** What is going to strike: "crash data-3" from when to when, in the scenario's time; null lasts to the end of the run. */
  planned(): { readonly name: string; readonly startMs: number; readonly endMs: number | null }[] {
    return this.#faults.map((fault) => fault.plan());
  }

  /** All faults that have struck so far, in the order of the scenario. */
  windows(): FaultWindow[] {
    return this.#faults.flatMap((fault) => fault.window() ?? []);
  }

  /** Lines of the faults that have not struck: the run was too short for them. */
  unstruck(): string[] {
    return this.#faults.filter((fault) => fault.window() === undefined).map((fault) => fault.line());
  }
}

/** One fault of the scenario, from before it strikes to after it ended. */
class ScheduledFault implements EventHandler {
  readonly atMs: number;
  readonly #world: World;
  readonly #targets: Targets;
  readonly #bound: BoundFault;
  readonly #random: RandomStream;
  #struck: readonly SimulatedNode[] | undefined;
  #active: ActiveFault | undefined;
  #endMs: number | null = null;
  #originMs = 0;

  constructor(world: World, targets: Targets, bound: BoundFault, random: RandomStream) {
    this.#world = world;
    this.#targets = targets;
    this.#bound = bound;
    this.#random = random;
    this.atMs = bound.spec.atMs;
  }

  arm(originMs: number): void {
    this.#originMs = originMs;
    this.#world.kernel.scheduleAt(originMs + this.atMs, this, STRIKE, undefined);
  }

  onEvent(op: number): void {
    if (op === STRIKE) this.#strike();
    else this.#lift();
  }

  window(): FaultWindow | undefined {
    if (this.#struck === undefined) return undefined;
    return {
      kind: this.#bound.spec.kind,
      line: this.line(),
      targets: this.#struck.map((node) => node.id),
      startMs: this.atMs,
      endMs: this.#endMs,
      effects: this.#active?.effects() ?? 0,
    };
  }

  plan(): { readonly name: string; readonly startMs: number; readonly endMs: number | null } {
    const { durationMs } = this.#bound.spec;
    return { name: this.#what(), startMs: this.atMs, endMs: durationMs === undefined ? null : this.atMs + durationMs };
  }

  line(): string {
    const { durationMs } = this.#bound.spec;
    const lasting = durationMs === undefined ? '' : ` for ${readableTime(durationMs)}`;
    return `${this.#what()} at ${readableTime(this.atMs)}${lasting}`;
  }

  #what(): string {
    const { target } = this.#bound.spec;
    return this.#bound.describe(target === undefined ? '' : this.#readableTarget(targetText(target)));
  }

  #strike(): void {
    const { spec, selectors } = this.#bound;
    const targets = spec.target === undefined ? [] : this.#targets.resolve(spec.target, this.#random);
    this.#struck = targets;
    const groups = new Map<string, readonly SimulatedNode[]>();
    for (const [field, selector] of selectors) groups.set(field, this.#targets.resolve(selector, this.#random));
    // A role that nobody has at the moment: the window then shows no effect.
    if (spec.target !== undefined && targets.length === 0) return;
    this.#active = this.#bound.start({
      world: this.#world,
      targets,
      group: (field) => groups.get(field) ?? [],
      random: this.#random,
    });
    if (spec.durationMs !== undefined) this.#world.kernel.schedule(spec.durationMs, this, LIFT, undefined);
  }

  #lift(): void {
    this.#endMs = this.#world.kernel.nowMs - this.#originMs;
    this.#active?.stop();
  }

  /** The nodes by name, where the scenario did not name them itself. */
  #readableTarget(selector: string): string {
    const names = this.#struck?.map((node) => node.id).join(', ');
    return names === undefined || names === '' || names === selector || names.length > 60
      ? selector
      : `${names} (${selector})`;
  }
}

/** "250 ms", "60 s", "5 min". */
function readableTime(timeMs: number): string {
  if (timeMs < 1000 && timeMs > 0) return `${Number(timeMs.toPrecision(4))} ms`;
  if (timeMs >= 120_000 && timeMs % 60_000 === 0) return `${timeMs / 60_000} min`;
  return `${Number((timeMs / 1000).toPrecision(7))} s`;
}

function explain<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof z.ZodError) {
      throw new Error(
        `${where}: ${readableIssues(error)
          .map(({ line }) => line)
          .join('; ')}`,
      );
    }
    throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
