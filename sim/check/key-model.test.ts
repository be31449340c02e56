import { describe, expect, it } from 'vitest';
import { KeyModel } from './key-model.ts';

describe('KeyModel', () => {
  it('follows every key while there are few', () => {
    const model = new KeyModel(100);
    for (let i = 0; i < 100; i++) model.preload(`k${i}`, i + 1, 1);
    expect([model.size, model.share]).toEqual([100, 1]);
    expect(model.of('k42')?.newest?.generation).toBe(43);
  });

  it('follows an even sample of many, always the same keys, whatever their order', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `object/${i}`);
    const sample = (order: readonly string[]) => {
      const model = new KeyModel(1_000);
      for (const key of order) model.preload(key, 1, 1);
      return model;
    };
    const model = sample(keys);
    expect(model.size).toBeLessThanOrEqual(1_000);
    expect(model.size).toBeGreaterThan(400);
    expect(model.size / (20_000 * model.share)).toBeGreaterThan(0.8);
    expect(model.size / (20_000 * model.share)).toBeLessThan(1.2);
    expect(sample([...keys].reverse()).acknowledgedKeys()).toEqual(model.acknowledgedKeys());
  });

  it('says nothing of keys outside the sample', () => {
    const model = new KeyModel(1);
    for (let i = 0; i < 50; i++) model.preload(`k${i}`, 1, 1);
    const followed = Array.from({ length: 50 }, (_, i) => `k${i}`).filter((key) => model.of(key)?.acknowledged);
    expect(followed.length).toBeLessThanOrEqual(1);
    expect(model.size).toBeLessThanOrEqual(1);
  });
});
