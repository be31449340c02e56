import fc from 'fast-check';
import { NEVER_WRITTEN, type StoreOp } from '../store-model.ts';

/** An operation on one key as it was reported. */
export interface Report {
  readonly op: StoreOp;
  readonly certain: boolean;
  readonly calledMs: number;
  readonly returnedMs: number;
}

interface Draw {
  readonly kind: 'put' | 'put-if' | 'get' | 'head' | 'delete';
  readonly pauseMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly content: number;
  readonly fate: 'answered' | 'lost' | 'never';
}

const draw: fc.Arbitrary<Draw> = fc.record({
  kind: fc.constantFrom('put', 'put', 'put-if', 'get', 'get', 'head', 'delete'),
  pauseMs: fc.nat(20),
  beforeMs: fc.nat(30),
  afterMs: fc.nat(30),
  content: fc.integer({ min: 1, max: 4 }),
  fate: fc.constantFrom('answered', 'answered', 'answered', 'answered', 'answered', 'answered', 'lost', 'never'),
});

/**
 * Histories that a correct store could have had: each operation is carried out on a plain register at one instant between
 * call and return. Writes may lose their answer, carried out or not; then their return is long after.
 */
export function linearizableHistory(maxLength: number): fc.Arbitrary<Report[]> {
  return fc.array(draw, { minLength: 1, maxLength, size: 'max' }).map(carryOut);
}

function carryOut(draws: readonly Draw[]): Report[] {
  let clockMs = 0;
  const planned = draws.map((plan) => {
    clockMs += plan.pauseMs;
    const calledMs = clockMs;
    const effectMs = calledMs + plan.beforeMs;
    return { ...plan, calledMs, effectMs, returnedMs: effectMs + plan.afterMs };
  });
  let held: { readonly generation: number; readonly checksum: number } | undefined;
  let revision = NEVER_WRITTEN.generation;
  const reports: Report[] = [];
  for (const { kind, calledMs, returnedMs, content, fate } of planned.sort((a, b) => a.effectMs - b.effectMs)) {
    revision += 1;
    const isRead = kind === 'get' || kind === 'head';
    if (isRead && fate !== 'answered') continue;
    const existed = held !== undefined;
    // Half of the conditions name what is there.
    const current: number = held?.generation ?? 0;
    const onlyIf = content % 2 === 0 ? current : current === 0 || revision % 2 === 0 ? current + 1 : current - 1;
    const writes = kind === 'put' || (kind === 'put-if' && onlyIf === current);
    let op: StoreOp;
    if (kind === 'put-if' && onlyIf !== current) op = { kind: 'refused', onlyIf };
    else if (kind === 'put-if') op = { kind: 'write', generation: revision, checksum: content, onlyIf };
    else if (kind === 'put') op = { kind: 'write', generation: revision, checksum: content };
    else if (kind === 'delete' && existed) op = { kind: 'delete', generation: revision };
    else if (held === undefined) op = { kind: 'missing' };
    else op = { kind: 'found', generation: held.generation, checksum: kind === 'head' ? 0 : held.checksum };
    if (fate !== 'never') {
      if (writes) held = { generation: revision, checksum: content };
      if (kind === 'delete') held = undefined;
    }
    if (fate === 'answered') reports.push({ op, certain: true, calledMs, returnedMs });
    else {
      const unknown: StoreOp =
        kind === 'delete'
          ? { kind, generation: undefined }
          : { kind: 'write', generation: undefined, checksum: content };
      reports.push({ op: unknown, certain: false, calledMs, returnedMs: returnedMs + 100 });
    }
  }
  return reports.sort((a, b) => a.returnedMs - b.returnedMs);
}
