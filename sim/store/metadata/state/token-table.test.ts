import { describe, expect, it } from 'vitest';
import type { CommandResult } from './commands.ts';
import { TokenTable } from './token-table.ts';

const done: CommandResult = { kind: 'done' };

describe('tokens', () => {
  it('give the first answer for as long as stated, and are expired for ever after', () => {
    const tokens = new TokenTable(10);
    tokens.remember('c.1.5', 1, done);
    tokens.advance(10);
    expect(tokens.find('c.1.5')).toBe(done);
    tokens.advance(11);
    expect(tokens.find('c.1.5')).toBe('expired');
    tokens.advance(1_000_000);
    expect(tokens.find('c.1.5')).toBe('expired');
  });

  it('leave later writes of the same client and all of other clients alone', () => {
    const tokens = new TokenTable(10);
    tokens.remember('c.2.5', 1, done);
    tokens.advance(100);
    expect(tokens.find('c.2.4')).toBe('expired');
    expect(tokens.find('c.1.900')).toBe('expired');
    expect(tokens.find('c.2.6')).toBeUndefined();
    expect(tokens.find('c.3.1')).toBeUndefined();
    expect(tokens.find('d.1.1')).toBeUndefined();
  });

  it('keep no more than the bound and one a client, however many there were', () => {
    const tokens = new TokenTable(10);
    for (let n = 1; n <= 5_000; n++) {
      tokens.advance(n);
      tokens.remember(`c${n % 3}.1.${n}`, n, done);
    }
    expect([...tokens.entries()]).toHaveLength(10);
    expect([...tokens.floors()]).toHaveLength(3);
    expect(tokens.find('c0.1.4989')).toBe('expired');
    expect(tokens.find('c1.1.4999')).toBe(done);
  });
});
