import { describe, expect, it } from 'vitest';
import { checkTrial } from '../trial.ts';
import { drawSettings, SETTINGS } from './draw-settings.ts';
import { Draws } from './draws.ts';
import { FAULT_SOURCES } from './fault-sources.ts';
import { drawTrial, resolveTrial } from './fuzz-trial.ts';
import { REDUCERS } from './reductions.ts';
import { scenarioSource } from './scenario-file.ts';
import { withinTolerance } from './tolerance.ts';

const SEEDS = Array.from({ length: 300 }, (_, i) => i + 1);
const trials = SEEDS.map((seed) => drawTrial(seed));

describe('drawn trials', () => {
  it('are scenarios that can be run, with settings that their components take', async () => {
    for (const trial of trials.slice(0, 10)) await checkTrial(process.cwd(), resolveTrial(trial));
    for (const group of SETTINGS) {
      const drawn = drawSettings(new Draws(1, 'settings'), new Set([group]));
      expect(drawn, group).not.toEqual(drawSettings(new Draws(1, 'settings'), new Set()));
    }
  });

  it('are the same for the same seed', () => {
    for (const trial of trials.slice(0, 20)) expect(drawTrial(trial.seed)).toEqual(trial);
  });

  it('stay within what the store promises to survive, unless only safety is judged', () => {
    const judged = trials.filter(({ mode }) => mode === 'all');
    expect(judged.length).toBeGreaterThan(200);
    expect(judged.length).toBeLessThan(280);
    for (const { seed, input } of judged) expect(withinTolerance(input), `seed ${seed}`).toBe(true);
  });

  it('end every fault that a healed quorum could not live with', () => {
    const lasting = new Set(['crash', 'drain', 'leave', 'add-nodes', 'set-weight', 'transfer-leader', 'bit-rot']);
    for (const { mode, input, seed } of trials) {
      if (mode !== 'all') continue;
      for (const { kind, duration } of input.faults ?? []) {
        if (duration === undefined) expect(lasting, `seed ${seed}: ${kind}`).toContain(kind);
      }
    }
  });

  it('turn every kind of fault off in some trials and up in others', () => {
    for (const { kind } of FAULT_SOURCES) {
      const counts = trials.map(({ input }) => (input.faults ?? []).filter((fault) => fault.kind === kind).length);
      expect(counts.filter((count) => count > 0).length, kind).toBeGreaterThan(5);
      expect(counts.filter((count) => count === 0).length, kind).toBeGreaterThan(100);
    }
  });
});

describe('steps of shrinking', () => {
  it('lead to scenarios that are as legal as the trial was, and different', () => {
    for (const trial of trials.slice(0, 25)) {
      for (const { name, candidates } of REDUCERS) {
        let seen = 0;
        for (const candidate of candidates(trial)) {
          seen += 1;
          if (seen > 8) break;
          expect(candidate.input, `seed ${trial.seed}: ${name}`).not.toEqual(trial.input);
          if (trial.mode === 'all') expect(withinTolerance(candidate.input)).toBe(true);
        }
      }
    }
  });
});

describe('the scenario file of a trial', () => {
  it('holds the trial itself', () => {
    for (const trial of trials.slice(0, 20)) {
      const source = scenarioSource(trial, '../..', ['why', 'how']);
      expect(source).toContain("import { defineScenario } from '../../sim/experiment/scenario.ts';");
      expect(source).toContain('// why\n// how\n');
      const body = /defineScenario\(([\s\S]*)\);\n$/.exec(source)?.[1] ?? '';
      expect(new Function(`return ${body}`)()).toEqual(JSON.parse(JSON.stringify(trial.input)));
    }
  });
});
