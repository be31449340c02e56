import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RecordedOperation } from '../judge.ts';
import type { SequentialModel } from '../model.ts';

/** Histories with published verdicts, from the test data of Porcupine (A. Athalye, MIT licence). Not in the repository. */
const FOLDER = resolve('../shared/external/porcupine');

export const HISTORIES_ARE_THERE = existsSync(join(FOLDER, 'verdicts.json'));

/** Published verdicts: is the history in this file linearizable? */
export function verdicts(): { readonly file: string; readonly linearizable: boolean }[] {
  return JSON.parse(readFileSync(join(FOLDER, 'verdicts.json'), 'utf8'));
}

/** All history files of the folder. */
export function historyFiles(): string[] {
  return ['jepsen', 'kv'].flatMap((folder) => readdirSync(join(FOLDER, folder)).map((name) => `${folder}/${name}`));
}

export type RegisterOp =
  | { readonly kind: 'read'; readonly value: string }
  | { readonly kind: 'write'; readonly value: string }
  | { readonly kind: 'swap'; readonly from: string; readonly to: string };

/** A register with compare-and-set that is absent ("nil") at first. */
export const registerModel: SequentialModel<string, RegisterOp> = {
  initial: 'nil',
  step(state, op) {
    if (op.kind === 'read') return op.value === state ? state : undefined;
    if (op.kind === 'write') return op.value;
    return op.from === state ? op.to : undefined;
  },
  keyOf: (state) => state,
  isRead: ({ kind }) => kind === 'read',
  isOverwrite: ({ kind }) => kind === 'write',
  effectOf: (op) => (op.kind === 'swap' ? `${op.from}>${op.to}` : op.value),
  describe: (op) => (op.kind === 'swap' ? `swap ${op.from} for ${op.to}` : `${op.kind} ${op.value}`),
  describeState: (state) => state,
};

export interface TextOp {
  readonly kind: 'get' | 'put' | 'append';
  readonly key: string;
  readonly value: string;
}

/** One key of a store of texts, empty at first. */
export const textModel: SequentialModel<string, TextOp> = {
  initial: '',
  step(state, { kind, value }) {
    if (kind === 'get') return value === state ? state : undefined;
    return kind === 'put' ? value : state + value;
  },
  keyOf: (state) => state,
  isRead: ({ kind }) => kind === 'get',
  isOverwrite: ({ kind }) => kind === 'put',
  effectOf: ({ kind, value }) => `${kind} ${value}`,
  describe: ({ kind, key, value }) => `${kind} ${key} "${value}"`,
  describeState: (state) => `"${state}"`,
};

const ETCD_LINE = /^INFO +jepsen\.util - (\d+)\s+:(\w+)\s+:(\w+)\s+(.*)$/;
const TEXT_LINE = /^\{:process (\d+), :type :(\w+), :f :(\w+), :key "(.*)", :value (?:nil|"(.*)")\}$/;

/** A history of etcd under Jepsen; what failed is left out, what timed out is of unknown outcome. */
export function etcdHistory(file: string): RecordedOperation<RegisterOp>[] {
  return paired(file, ETCD_LINE, ([, process = '', type = '', name = '', value = '']) => ({
    process,
    type,
    op: registerOp(name, value),
  }));
}

export function textHistory(file: string): RecordedOperation<TextOp>[] {
  return paired(file, TEXT_LINE, ([, process = '', type = '', name = '', key = '', value = '']) => {
    if (name !== 'get' && name !== 'put' && name !== 'append') throw new Error(`${file}: unknown operation ${name}`);
    return { process, type, op: { kind: name, key, value } };
  });
}

function registerOp(name: string, value: string): RegisterOp {
  const [, from = '', to = ''] = /^\[(\d+) (\d+)\]$/.exec(value) ?? [];
  if (name === 'cas') return { kind: 'swap', from, to };
  if (name === 'read' || name === 'write') return { kind: name, value };
  throw new Error(`unknown operation ${name}`);
}

/** Line numbers are times. A return with a known outcome replaces what was called, as only it knows what was read. */
function paired<Op>(
  file: string,
  pattern: RegExp,
  parse: (match: RegExpExecArray) => { process: string; type: string; op: Op },
): RecordedOperation<Op>[] {
  const history: RecordedOperation<Op>[] = [];
  const open = new Map<string, { op: Op; called: number }>();
  for (const [line, text] of readFileSync(join(FOLDER, file), 'utf8').split('\n').entries()) {
    const match = pattern.exec(text);
    if (match === null) {
      if (text.trim() !== '') throw new Error(`${file}, line ${line + 1}: not understood: ${text}`);
      continue;
    }
    const { process, type, op } = parse(match);
    if (type === 'invoke') {
      open.set(process, { op, called: line });
      continue;
    }
    const call = open.get(process);
    if (call === undefined) throw new Error(`${file}, line ${line + 1}: ${process} returned without a call`);
    if (type === 'info') continue;
    open.delete(process);
    if (type === 'ok') history.push({ op, called: call.called, returned: line });
  }
  for (const { op, called } of open.values()) history.push({ op, called, returned: undefined });
  return history;
}
