import type { OwnBalancer } from '../balancer.ts';

/** The replica with the fewest open requests; a coin decides between equals. */
export const fewestOpen: OwnBalancer = {
  name: 'fewest-open',
  summary: 'The replica with the fewest open requests.',
  source: 'the README',
  complexity: 'O(eligible)',
  weakness: 'Blind to weight, and to what other gateways have open.',
  create: ({ random }) => ({
    update() {},
    pick(eligible) {
      let [best] = eligible;
      if (best === undefined) throw new RangeError('eligible: found an empty list, accepted: at least one backend');
      for (const each of eligible) {
        if (each.inFlight < best.inFlight || (each.inFlight === best.inFlight && random.next() < 0.5)) best = each;
      }
      return best;
    },
    onDone() {},
  }),
};
