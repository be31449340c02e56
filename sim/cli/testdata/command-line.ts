import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { vi } from 'vitest';
import { reportFailure } from '../failure.ts';
import { program } from '../program.ts';

/** What a command left on a terminal. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** Runs a command in this process, as `main.ts` would, without the second that a new process takes to start. */
export async function evenkeel(...words: string[]): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0),
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Exit(Number(code));
    }),
  ];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await program().parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = error instanceof Exit ? error.code : reportFailure(error);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const code = Number(process.exitCode ?? 0);
  process.exitCode = before;
  return { code, stdout: plain(out.join('')), stderr: plain(err.join('')) };
}

/** Runs a command in a process of its own. `onProgress` hears its stderr and may send it a signal. */
export function evenkeelProcess(
  words: readonly string[],
  onProgress: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  return ended('node', ['--import', 'tsx', 'sim/cli/main.ts', ...words], onProgress);
}

/** Runs a line as a shell would. */
export function shell(line: string): Promise<Ended> {
  return ended('sh', ['-c', line]);
}

function ended(
  file: string,
  words: readonly string[],
  onProgress: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onProgress(stderr, (signal) => child.kill(signal));
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout: plain(stdout), stderr: plain(stderr) }));
  });
}

const plain = (text: string) => stripVTControlCharacters(text);
