import { Presets, SingleBar } from 'cli-progress';
import type { SearchProgress } from '../experiment/fuzz/search.ts';

/** Shows a search as it runs: a bar on a terminal, a line every tenth of the way elsewhere, nothing if quiet. To stderr. */
export function fuzzProgress(quiet: boolean): SearchProgress {
  if (quiet) return { onStart: () => {}, onTrial: () => {}, onShrink: () => {}, onEnd: () => {} };
  return process.stderr.isTTY ? barProgress() : lineProgress();
}

function barProgress(): SearchProgress {
  const bar = new SingleBar(
    {
      format: 'fuzz {bar} {value}/{total} trials · {failed} failed · {doing} · {duration_formatted}',
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  let failed = 0;
  return {
    onStart: (trials) => bar.start(trials, 0, { failed, doing: 'starting' }),
    onTrial: (seed, { failures }, done) => {
      if (failures.length > 0) failed += 1;
      bar.update(done, { failed, doing: `seed ${seed}` });
    },
    onShrink: (seed, { check }) => bar.update({ failed, doing: `shrinking seed ${seed} (${check})` }),
    onEnd: () => bar.stop(),
  };
}

function lineProgress(): SearchProgress {
  let total = 0;
  const say = (line: string) => process.stderr.write(`fuzz: ${line}\n`);
  return {
    onStart: (trials) => {
      total = trials;
      say(`${trials} trials`);
    },
    onTrial: (seed, { failures }, done) => {
      for (const { check, detail } of failures) say(`seed ${seed} VIOLATED ${check}: ${detail}`);
      if (done % Math.max(1, Math.floor(total / 10)) === 0) say(`${done}/${total}`);
    },
    onShrink: (seed, { check }) => say(`shrinking seed ${seed} (${check})`),
    onEnd: () => {},
  };
}
