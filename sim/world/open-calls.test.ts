import { expect, it } from 'vitest';
import { OpenCalls } from './open-calls.ts';

it('finds calls by id, never a later call by the id of an earlier one', () => {
  const calls = new OpenCalls<{ id: number }>();
  const seen = new Set<number>();
  const open: { id: number }[] = [];
  for (let i = 0; i < 5000; i++) {
    const call = { id: 0 };
    calls.add(call);
    open.push(call);
    expect(seen.has(call.id) || call.id === 0).toBe(false);
    seen.add(call.id);
    if (i % 3 === 2) {
      for (const ended of open.splice(i % 5, 2)) {
        calls.remove(ended);
        calls.remove(ended);
        expect(calls.get(ended.id)).toBeUndefined();
      }
    }
  }
  for (const call of open) expect(calls.get(call.id)).toBe(call);
  expect(calls.size).toBe(open.length);
  expect(new Set(calls)).toEqual(new Set(open));
  expect(calls.get(0)).toBeUndefined();
});
