import { type ShapeName, shapeNames } from '../../traffic/shapes.ts';
import type { ScenarioInput } from '../scenario.ts';
import { Draws } from './draws.ts';

/** Operations that a trial may leave out; gets and puts are always there. */
const EXTRA = shapeNames.filter((name) => name !== 'get' && name !== 'put');

/** Few keys, each with many operations, so that they conflict: at most so many that every key's history is judged. */
const MOST_KEYS = 90;

/** A little traffic on few hot keys: some hundreds to thousands of requests. */
export function drawTraffic(seed: number, durationMs: number): ScenarioInput['traffic'] {
  const draws = new Draws(seed, 'traffic');
  const requests = draws.scaled(200, 3_000);
  const extra = draws.some(EXTRA);
  const mix: Partial<Record<ShapeName, number>> = {
    get: draws.whole(1, 6),
    put: draws.whole(1, 6),
  };
  for (const op of extra) mix[op] = draws.whole(1, 3);
  return {
    rate: Math.max(1, Math.round((requests * 1_000) / durationMs)),
    ...(draws.coin(0.2) ? { arrivals: { kind: 'constant' as const } } : {}),
    keys: {
      count: draws.scaled(1, MOST_KEYS),
      popularity: draws.coin() ? { kind: 'uniform' } : { kind: 'zipf', exponent: draws.pick([0.9, 1.3]) },
    },
    sizes: draws.coin()
      ? { kind: 'fixed', bytes: draws.scaled(1, 262_144) }
      : { kind: 'lognormal', medianBytes: draws.scaled(64, 65_536), sigma: 1.5, maxBytes: 262_144 },
    mix,
    clients: draws.whole(1, 16),
  };
}
