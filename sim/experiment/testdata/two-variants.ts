import { defineScenario } from '../scenario.ts';
import { smallScenario } from './trials.ts';

/** A scenario in a file, since worker threads load it by its path. */
export default defineScenario(
  smallScenario({
    name: 'two-variants',
    duration: '2s',
    faults: [{ kind: 'crash', target: { random: 1, of: 'role:data' }, at: '500ms', duration: '500ms' }],
    variants: { chance: { balancer: 'random' }, choices: { balancer: 'power-of-two' } },
  }),
);
