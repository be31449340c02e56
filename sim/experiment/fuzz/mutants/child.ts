import { createInterface } from 'node:readline';
import judgeTask from '../worker.ts';

/** Bundled, with a mutant or without: judges one trial for each line of JSON that it is sent, and answers with a line. */
for await (const line of createInterface({ input: process.stdin })) {
  const verdict = await judgeTask({ root: process.cwd(), trial: JSON.parse(line) });
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
}
