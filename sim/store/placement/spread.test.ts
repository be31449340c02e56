import { describe, expect, it } from 'vitest';
import type { PlacementNode } from './placement.ts';
import { type Candidates, Spread } from './spread.ts';

/** Nodes from words such as `a/1/x`: zone, rack, host; the word and its place make the id. */
function nodesOf(words: readonly string[]): PlacementNode[] {
  return words.map((word, i) => {
    const [zone = '', rack = '', host = ''] = word.split('/');
    return { id: `${i} ${word}`, weight: 1, zone, rack, host };
  });
}

/** Candidates in the order of the list, with a count of those that were asked for. */
function inOrder(length: number): Candidates & { taken: number } {
  return {
    taken: 0,
    next() {
      return this.taken < length ? this.taken++ : -1;
    },
  };
}

function pick(words: readonly string[], count: number) {
  return new Spread(nodesOf(words)).pick(inOrder(words.length), count);
}

describe('spread', () => {
  it('takes the first candidate of each zone', () => {
    expect(pick(['a/1/x', 'a/2/x', 'b/1/x', 'b/2/x', 'c/1/x'], 3)).toEqual({
      nodes: ['0 a/1/x', '2 b/1/x', '4 c/1/x'],
    });
  });

  it('goes on to other racks when zones run out, in the emptiest zone first', () => {
    expect(pick(['a/1/x', 'a/2/x', 'a/3/x', 'b/1/x', 'b/2/x'], 4)).toEqual({
      nodes: ['0 a/1/x', '3 b/1/x', '1 a/2/x', '4 b/2/x'],
      degraded: 'zone',
    });
  });

  it('goes on to other hosts when racks run out', () => {
    expect(pick(['a/1/x', 'a/1/x', 'a/1/y', 'a/2/x'], 3)).toEqual({
      nodes: ['0 a/1/x', '3 a/2/x', '2 a/1/y'],
      degraded: 'rack',
    });
  });

  it('puts two on one host when nothing else is left', () => {
    expect(pick(['a/1/x', 'a/1/x', 'a/1/y'], 3)).toEqual({
      nodes: ['0 a/1/x', '2 a/1/y', '1 a/1/x'],
      degraded: 'host',
    });
  });

  it('tells racks of one name in two zones apart', () => {
    expect(pick(['a/1/x', 'b/1/x'], 2)).toEqual({ nodes: ['0 a/1/x', '1 b/1/x'] });
  });

  it('asks for no more candidates than it needs', () => {
    const words = ['a/1/x', 'b/1/x', 'b/2/x', 'c/1/x', 'd/1/x', 'e/1/x'];
    const candidates = inOrder(words.length);
    new Spread(nodesOf(words)).pick(candidates, 3);
    expect(candidates.taken).toBe(4);
  });

  it('says so when the candidates end too early', () => {
    expect(() => new Spread(nodesOf(['a/1/x', 'b/1/x'])).pick(inOrder(1), 2)).toThrow(/candidates: ended/);
  });
});
