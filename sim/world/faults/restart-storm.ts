import { z } from 'zod';
import type { EventHandler, EventId } from '../../kernel/kernel.ts';
import type { SimulatedNode } from '../node.ts';
import type { World } from '../world.ts';
import { defineFault } from './fault.ts';

/** Processes crash again and again (a crash loop, an orchestrator gone mad). Effects: crashes. */
export const restartStorm = defineFault({
  kind: 'restart-storm',
  summary: 'crashes and restarts each target over and over until the duration is over; then all run',
  target: 'nodes',
  duration: 'required',
  params: {
    upMs: z.number().positive().default(1_000).describe('mean time between a restart and the next crash'),
    downMs: z.number().positive().default(200).describe('mean time between a crash and its restart'),
  },
  describe: ({ target, params }) => `restart storm on ${target}, every ${params.upMs + params.downMs} ms`,
  start: ({ world, targets, params, random }) => {
    const loops = targets.map(
      (node) =>
        new CrashLoop(
          world,
          node,
          () => random.exponential(params.upMs),
          () => random.exponential(params.downMs),
        ),
    );
    return {
      stop: () => {
        for (const loop of loops) loop.stop();
      },
      effects: () => loops.reduce((sum, loop) => sum + loop.crashes, 0),
    };
  },
});

class CrashLoop implements EventHandler {
  crashes = 0;
  readonly #world: World;
  readonly #node: SimulatedNode;
  readonly #upMs: () => number;
  readonly #downMs: () => number;
  /** The life in which this loop left the node down; −1 while it runs. */
  #ended = -1;
  #next: EventId;

  constructor(world: World, node: SimulatedNode, upMs: () => number, downMs: () => number) {
    this.#world = world;
    this.#node = node;
    this.#upMs = upMs;
    this.#downMs = downMs;
    this.#next = world.kernel.schedule(0, this, 0, undefined);
  }

  onEvent(): void {
    const wasDown = this.#restart();
    if (!wasDown && this.#world.crash(this.#node.id, { mode: 'process' })) {
      this.crashes++;
      this.#ended = this.#node.life;
    }
    const delayMs = wasDown ? this.#upMs() : this.#downMs();
    this.#next = this.#world.kernel.schedule(delayMs, this, 0, undefined);
  }

  stop(): void {
    this.#world.kernel.cancel(this.#next);
    this.#restart();
  }

  /** True if this loop had left the node down. Whoever else ended it meanwhile will see to it. */
  #restart(): boolean {
    if (this.#ended < 0) return false;
    if (this.#node.life === this.#ended) this.#world.restart(this.#node.id);
    this.#ended = -1;
    return true;
  }
}
