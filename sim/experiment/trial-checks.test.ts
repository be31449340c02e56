import { describe, expect, it } from 'vitest';
import { withDeterminism } from './determinism-check.ts';
import { smallScenario, trialOf, variantOf } from './testdata/trials.ts';
import { playTrial, runTrial, trafficOf } from './trial.ts';

const PATIENCE_MS = 60_000;

describe('the checks of a trial', { timeout: PATIENCE_MS }, () => {
  it('are all on, but for the order of all operations where it is switched off, and the same course', async () => {
    const idsOf = async (checks: object) => {
      const record = await runTrial(trialOf(variantOf(smallScenario({ duration: '500ms', checks }), 'only'), 1));
      return record.checks.map(({ id }) => id);
    };
    const all = await idsOf({});
    const families = new Set(all.map((id) => id.split('-')[0]));
    for (let i = 1; i <= 18; i++) if (i !== 17) expect(families).toContain(`I${i}`);
    expect(all).toContain('I2-linearizable');
    expect(await idsOf({ linearizability: 'off' })).toEqual(all.filter((id) => id !== 'I2-linearizable'));
    expect(await idsOf({ determinism: true })).toEqual([...all, 'I17']);
  });

  it('blame no needless copies on a placement that moves more by design', async () => {
    const whyOf = async (placement: string) => {
      const cluster = { data: { count: 6 }, partitions: 32, placement };
      const faults = [{ kind: 'drain', target: 'data-5', at: 500 }];
      const record = await runTrial(trialOf(variantOf(smallScenario({ duration: '10s', cluster, faults }), 'only'), 1));
      return record.checks.find(({ id }) => id === 'I9');
    };
    expect(await whyOf('rendezvous')).toMatchObject({ verdict: 'held' });
    expect(await whyOf('directory')).toMatchObject({
      verdict: 'not-judged',
      detail: 'placement "directory" is built anew at each change of membership',
    });
  });
});

describe('I17 determinism', { timeout: PATIENCE_MS }, () => {
  it('holds for a trial, and catches one that takes another course', async () => {
    const trial = trialOf(variantOf(smallScenario({ duration: '500ms' }), 'only'), 1);
    const plan = await trafficOf(trial.root, trial.variant, trial.seed);
    const record = playTrial(trial, plan);
    const judge = (seed: number) =>
      withDeterminism(record, { ...trial, seed }, plan, playTrial).checks.find(({ id }) => id === 'I17');
    expect(judge(1)).toMatchObject({ verdict: 'held', evaluated: 3 });
    expect(judge(2)).toMatchObject({ verdict: 'violated', evaluated: 3 });
    expect(judge(2)?.detail).toContain('fingerprint of a second run: ');
    const blinking = withDeterminism(record, trial, plan, (again, traffic, watcher) =>
      playTrial(again, traffic, {
        onStation: (station, stage) => {
          watcher.onStation?.(station, stage);
          if (station === 'filled') stage.kernel.mix(1);
        },
      }),
    );
    expect(blinking.checks.at(-1)?.detail).toContain('with nobody looking on');
  });
});
