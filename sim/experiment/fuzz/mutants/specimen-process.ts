import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import type { FuzzTrial } from '../fuzz-trial.ts';
import type { Failure } from '../judge.ts';

const failureSchema = z.object({ check: z.string(), kind: z.enum(['correctness', 'liveness']), detail: z.string() });
export const failuresSchema = z.array(failureSchema);
/** What the child process prints; see `child.ts`. */
const answerSchema = z.union([z.object({ failures: failuresSchema }), z.object({ mistake: z.string() })]);

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Ends with the process. */
  readonly lines: AsyncIterator<string>;
  complaint: string;
}

/** A bundled store in a process of its own, which judges trials one after another. A trial that hangs costs it its process. */
export class SpecimenProcess {
  readonly #root: string;
  readonly #script: string;
  readonly #trialLimitMs: number;
  #running: Running | undefined;

  /** @param trialLimitMs - Of the machine's time: a trial that takes longer violates `hang`. */
  constructor(root: string, script: string, trialLimitMs: number) {
    this.#root = root;
    this.#script = script;
    this.#trialLimitMs = trialLimitMs;
  }

  /**
   * What a trial violates; undefined if it can't be run.
   *
   * @throws Error if the process fails.
   */
  async judge(trial: FuzzTrial): Promise<readonly Failure[] | undefined> {
    this.#running ??= this.#start();
    const { child, lines } = this.#running;
    let hangs = false;
    const limit = setTimeout(() => {
      hangs = true;
      child.kill('SIGKILL');
    }, this.#trialLimitMs);
    child.stdin.write(`${JSON.stringify(trial)}\n`);
    const line = await lines.next();
    clearTimeout(limit);
    if (line.done !== true) {
      const answer = answerSchema.parse(JSON.parse(line.value));
      return 'failures' in answer ? answer.failures : undefined;
    }
    const { complaint } = this.#running;
    this.#running = undefined;
    if (!hangs) throw new Error(`trial ${trial.seed}: ${complaint.trim()}`);
    return [{ check: 'hang', kind: 'liveness', detail: `no end within ${this.#trialLimitMs / 1_000} s` }];
  }

  close(): void {
    this.#running?.child.kill('SIGKILL');
    this.#running = undefined;
  }

  #start(): Running {
    const words = ['--enable-source-maps', this.#script];
    const child = spawn(process.execPath, words, { cwd: this.#root, stdio: ['pipe', 'pipe', 'pipe'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const running: Running = { child, lines, complaint: '' };
    child.stderr.on('data', (chunk) => {
      running.complaint = (running.complaint + String(chunk)).slice(-4_000);
    });
    return running;
  }
}
