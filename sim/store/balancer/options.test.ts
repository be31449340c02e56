import { describe, expect, it } from 'vitest';
import { createBalancer } from './registry.ts';
import { seededStream } from './seeded-stream.ts';

const context = { random: seededStream(1), nowMs: () => 0 };

describe('options that a balancer can do nothing with', () => {
  it.each([
    ['power-of-d', { d: 0 }, 'd: found 0, accepted: at least 1'],
    ['power-of-d', { d: 2.5 }, 'd: found 2.5, accepted: a whole number'],
    ['weighted-least-request', { choiceCount: 1 }, 'choiceCount: found 1, accepted: at least 2'],
    ['weighted-least-request', { activeRequestBias: -1 }, 'activeRequestBias: found -1, accepted: at least 0'],
    ['ewma', { decayMs: 0 }, 'decayMs: found 0, accepted: more than 0'],
    ['peak-ewma', { decayMs: Number.NaN }, 'decayMs: found NaN, accepted: a value of type number'],
    ['prequal', { hotQuantile: 1.5 }, 'hotQuantile: found 1.5, accepted: at most 1'],
    ['prequal', { poolSize: 1 }, 'poolSize: found 1, accepted: at least 2'],
    ['prequal', { probesPerRequest: 17 }, 'probesPerRequest: found 17, accepted: at most 16'],
    ['c3', { clients: -1 }, 'clients: found -1, accepted: at least 0'],
    ['c3', { smoothing: 0 }, 'smoothing: found 0, accepted: more than 0'],
    ['c3', { rateControl: 'yes' }, 'rateControl: found "yes", accepted: a value of type boolean'],
  ])('%s refuses %j', (name, options, message) => {
    expect(() => createBalancer(name, options, context)).toThrow(`balancer "${name}": options.${message}`);
  });

  it.each(['weighted-random', 'static-stride', 'earliest-deadline-first', 'join-shortest-queue', 'join-idle-queue'])(
    '%s has none',
    (name) => {
      expect(() => createBalancer(name, { weight: 1 }, context)).toThrow('accepted: no options');
    },
  );
});
