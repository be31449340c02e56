import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KeyState, type StoreOp, storeModel } from './store-model.ts';

const generation = fc.integer({ min: 1, max: 5 });
const checksum = fc.integer({ min: 0, max: 2 });

const state: fc.Arbitrary<KeyState> = fc.oneof(
  fc.record({ kind: fc.constant('absent' as const), generation: fc.nat(5) }),
  fc.record({ kind: fc.constant('version' as const), generation, exact: fc.boolean(), checksum }),
  fc.record({ kind: fc.constant('anything' as const), generation: fc.nat(5) }),
);

const made = fc.option(generation, { nil: undefined });
const onlyIf = fc.option(fc.nat(5), { nil: undefined, freq: 2 });
const op: fc.Arbitrary<StoreOp> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), generation: made, checksum, onlyIf }),
  fc.record({ kind: fc.constant('delete' as const), generation: made, onlyIf }),
  fc.record({ kind: fc.constant('refused' as const), onlyIf: fc.nat(5) }),
  fc.record({ kind: fc.constant('found' as const), generation, checksum }),
  fc.constant({ kind: 'missing' as const }),
);

const RUN = { seed: 1, numRuns: 3_000 };

/** The state after operations, those that can't be left out. */
function stateAfter(start: KeyState, ops: readonly StoreOp[]): KeyState {
  return ops.reduce((now, next) => storeModel.step(now, next) ?? now, start);
}

describe('storeModel', () => {
  it('holds conditional writes to their conditions', () => {
    const there: KeyState = { kind: 'version', generation: 3, exact: true, checksum: 1 };
    const above: KeyState = { ...there, exact: false };
    const gone: KeyState = { kind: 'absent', generation: 3 };
    const open: KeyState = { kind: 'anything', generation: 3 };
    const fits = (from: KeyState, onlyIf: number) => [
      storeModel.step(from, { kind: 'write', generation: 9, checksum: 2, onlyIf }) !== undefined,
      storeModel.step(from, { kind: 'refused', onlyIf }) !== undefined,
    ];
    expect([0, 2, 3, 4].map((onlyIf) => fits(there, onlyIf))).toEqual([
      [false, true],
      [false, true],
      [true, false],
      [false, true],
    ]);
    expect([0, 3, 4].map((onlyIf) => fits(above, onlyIf))).toEqual([
      [false, true],
      [false, true],
      [true, true],
    ]);
    expect([0, 3].map((onlyIf) => fits(gone, onlyIf))).toEqual([
      [true, false],
      [false, true],
    ]);
    expect([0, 2, 3].map((onlyIf) => fits(open, onlyIf))).toEqual([
      [true, true],
      [false, true],
      [true, true],
    ]);
  });

  it('has one key for each state', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        expect(storeModel.keyOf(a) === storeModel.keyOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      RUN,
    );
  });

  it('says that an operation is too late only if it is, whatever follows', () => {
    let late = 0;
    fc.assert(
      fc.property(state, op, fc.array(op, { maxLength: 4 }), (start, wanted, others) => {
        if (!storeModel.isTooLate?.(start, wanted)) return;
        late += 1;
        expect(storeModel.step(stateAfter(start, others), wanted)).toBeUndefined();
      }),
      RUN,
    );
    expect(late).toBeGreaterThan(300);
  });

  it('ranks operations only as they can follow each other', () => {
    let ordered = 0;
    fc.assert(
      fc.property(state, op, op, fc.array(op, { maxLength: 3 }), (start, first, second, between) => {
        const [a, b] = [storeModel.rankOf?.(first), storeModel.rankOf?.(second)];
        if (a === undefined || b === undefined || a <= b) return;
        const then = storeModel.step(start, first);
        if (then === undefined) return;
        ordered += 1;
        expect(storeModel.step(stateAfter(then, between), second)).toBeUndefined();
      }),
      RUN,
    );
    expect(ordered).toBeGreaterThan(50);
  });

  it('forgets what an overwrite follows', () => {
    fc.assert(
      fc.property(state, op, op, (start, doubt, overwrite) => {
        const unknown: StoreOp =
          doubt.kind === 'write' || doubt.kind === 'delete' ? { ...doubt, generation: undefined } : doubt;
        if (storeModel.isRead(unknown) || !storeModel.isOverwrite?.(overwrite)) return;
        const between = storeModel.step(start, unknown);
        const beside = between === undefined ? undefined : storeModel.step(between, overwrite);
        const alone = storeModel.step(start, overwrite);
        // Two lost operations that leave nothing where nothing was are the same as none.
        if (beside === undefined || (alone === undefined && overwrite.kind === 'delete')) return;
        expect(beside).toEqual(alone);
      }),
      RUN,
    );
  });
});
