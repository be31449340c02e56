import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { type Hunt, type HuntLimits, huntSchema } from './hunt.ts';
import type { Mutant } from './mutant.ts';

const ledgerSchema = z.record(z.string(), z.object({ digest: z.string(), hunt: huntSchema }));

/**
 * What hunts have come to so far, in a file: they take minutes, and a run that was interrupted goes on where it was. A result
 * counts as long as the mutant, the files that it changes, the foci and the first seed stay as they were; `fresh` forgets all.
 */
export class Ledger {
  readonly #root: string;
  readonly #path: string;
  #entries: z.output<typeof ledgerSchema> = {};

  private constructor(root: string, path: string) {
    this.#root = root;
    this.#path = path;
  }

  static async open(root: string, path: string, fresh: boolean): Promise<Ledger> {
    const ledger = new Ledger(root, path);
    if (!fresh) ledger.#entries = await read(path);
    return ledger;
  }

  async find(mutant: Mutant, limits: HuntLimits): Promise<Hunt | undefined> {
    const entry = this.#entries[mutant.id];
    if (entry?.digest !== (await this.#digest(mutant, limits))) return undefined;
    const { hunt } = entry;
    if (hunt.violated.length === 0) return hunt.trials >= limits.trials ? hunt : undefined;
    const isEnough = hunt.trials <= limits.trials && (limits.shrinkRuns === 0 || hunt.shrunk !== undefined);
    return isEnough ? hunt : undefined;
  }

  async note(mutant: Mutant, limits: HuntLimits, hunt: Hunt): Promise<void> {
    this.#entries = { ...this.#entries, [mutant.id]: { digest: await this.#digest(mutant, limits), hunt } };
    await mkdir(dirname(this.#path), { recursive: true });
    await writeFileAtomic(this.#path, JSON.stringify(this.#entries, null, 1));
  }

  async #digest(mutant: Mutant, { firstSeed }: HuntLimits): Promise<string> {
    const files = [...mutant.edits.map(({ file }) => file), 'sim/experiment/fuzz/focus.ts'];
    const texts = files.map((file) => readFile(join(this.#root, file), 'utf8'));
    const code = await Promise.all(texts);
    return createHash('sha256').update(JSON.stringify({ mutant, firstSeed, code })).digest('hex');
  }
}

async function read(path: string): Promise<z.output<typeof ledgerSchema>> {
  try {
    return ledgerSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // None yet, or of another form: then the hunts are made anew.
    return {};
  }
}
