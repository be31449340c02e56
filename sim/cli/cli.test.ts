import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readComparison } from '../record/comparison-file.ts';
import { recordSchema } from '../record/schema.ts';
import { evenkeel, evenkeelProcess, shell } from './testdata/command-line.ts';

const SCENARIO = 'sim/experiment/testdata/two-variants.ts';
/** Sound enough to be recognised as common log format … */
const LOG = Array.from(
  { length: 40 },
  (_, i) =>
    `host-${i % 5} - - [01/Aug/1995:00:00:${String(i % 60).padStart(2, '0')} -0400] "GET /page-${i % 7} HTTP/1.0" 200 ${500 + i}`,
);
/** … with an hour that no day has. */
const BROKEN = LOG.with(30, 'host-1 - - [01/Aug/1995:99:00:30 -0400] "GET /page-1 HTTP/1.0" 200 530');

/** Vega numbers the clips of its drawings from the start of the process. */
const CLIP_NUMBER = /clip\d+/g;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evenkeel-cli-'));
  await writeFile(join(folder, 'good.log'), `${LOG.join('\n')}\n`);
  await writeFile(join(folder, 'broken.log'), `${BROKEN.join('\n')}\n`);
  await writeFile(join(folder, 'prose.txt'), 'This is no trace.\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fault = (fields: object) => [
  '--set',
  `faults=${JSON.stringify([{ kind: 'crash', target: 'data-1', at: '1s', ...fields }])}`,
];

/** Arguments after `run SCENARIO`, and what is said of them. `FOLDER` stands for the test's own. */
const MISTAKES: readonly (readonly [what: string, words: readonly string[], complaint: RegExp])[] = [
  [
    'an unknown variant',
    ['--variants', 'chanse'],
    /--variants: found 'chanse'; accepted in two-variants: chance, choices, did you mean 'chance'\?/,
  ],
  [
    'an unknown algorithm',
    ['--set', 'variants.chance.balancer=power-of-tow'],
    /two-variants\.ts: variants\.chance: balancer: found "power-of-tow", accepted: random, .*; did you mean "power-of-two"\?/,
  ],
  [
    'an unknown option of an algorithm',
    ['--set', 'variants.chance.balancer={"name":"power-of-two","options":{"choises":3}}'],
    /variants\.chance: balancer "power-of-two": options: found "choises", accepted: the options choices.*; did you mean "choices"\?/,
  ],
  [
    'an impossible cluster',
    ['--set', 'cluster.replication=7'],
    /two-variants\.ts: cluster\.replication: found 7; accepted: at most cluster\.data\.count, 6/,
  ],
  [
    'a negative rate',
    ['--set', 'traffic.rate=-1'],
    /two-variants\.ts: traffic\.rate: found -1; accepted: a number above 0/,
  ],
  [
    'an unknown path',
    ['--set', 'traffic.rat=1'],
    /two-variants\.ts: set traffic\.rat: traffic: unknown field rat; accepted: rate, /,
  ],
  [
    'an unknown setting of a component',
    ['--set', 'cluster.settings.gateway.maxAtempts=1'],
    /cluster\.settings\.gateway: found 'maxAtempts'; .* did you mean 'maxAttempts'\?/,
  ],
  ['a setting without a value', ['--set', 'traffic.rate'], /--set: found 'traffic\.rate'; accepted: path=value/],
  [
    'a load that is nil',
    ['--set', 'traffic.duration=0'],
    /two-variants\.ts, variant chance: traffic: 0 requests are expected in 0 ms; accepted: 1 or more/,
  ],
  [
    'a mix of nothing',
    ['--set', 'traffic.mix={"get":0}'],
    /traffic\.mix: all weights are 0; accepted: at least one above 0/,
  ],
  ['a trace that is not there', ['--trace', 'FOLDER/none.log'], /trace .*none\.log does not exist/],
  ['a folder for a trace', ['--trace', 'FOLDER'], /trace .* is a directory; accepted: a file/],
  [
    'a trace in no known format',
    ['--trace', 'FOLDER/prose.txt'],
    /trace .*prose\.txt: its first lines fit no known format; accepted: common-log/,
  ],
  [
    'a malformed line of a trace',
    ['--trace', 'FOLDER/broken.log'],
    /trace .*broken\.log, line 31: field time: found "01\/Aug\/1995:99:00:30 -0400"; accepted: /,
  ],
  [
    'an unknown profile',
    ['--set', 'traffic={"profile":"nasa"}'],
    /profile nasa is unknown.*; accepted: .*nasa-web-day/,
  ],
  [
    'seeds that are none',
    ['--seeds', 'many'],
    /option '--seeds <n\|list>' argument 'many' is invalid\. found 'many'; accepted: a number such as 10, or a list such as 1,2,7/,
  ],
  [
    'jobs that are none',
    ['--jobs', '0'],
    /option '--jobs <n>' argument '0' is invalid\. found '0'; accepted: a whole number from 1/,
  ],
  [
    'an unknown kind of fault',
    fault({ kind: 'crsh' }),
    /two-variants\.ts: faults\.0\.kind: unknown fault kind "crsh"; did you mean "crash"\?/,
  ],
  [
    'a fault on nothing',
    fault({ target: 'data-9' }),
    /two-variants\.ts, variant chance: faults\[0\] \(crash\): target "data-9" matches no node; did you mean "data-\d"\?/,
  ],
  [
    'a fault after the end',
    fault({ at: '2s' }),
    /two-variants\.ts: faults\.0\.at: found 2000 ms; accepted: before the end, 2000 ms/,
  ],
  [
    'a fault at no time',
    fault({ at: 'noon' }),
    /two-variants\.ts: faults\.0\.at: found "noon"; accepted: ms from 0, or a text/,
  ],
  ['an option that there is not', ['--sed', '3'], /unknown option '--sed'/],
];

describe('a mistake', () => {
  it.each(MISTAKES)(
    '%s: one line that names the place, exit code 2, nothing written',
    async (_what, words, complaint) => {
      const out = join(folder, 'never');
      const placed = words.map((word) => word.replace('FOLDER', folder));
      const { code, stdout, stderr } = await evenkeel('run', SCENARIO, ...placed, '--out', out);
      const [line = '', ...more] = stderr.trimEnd().split('\n');
      expect(line).toMatch(/^error/);
      expect(line).toMatch(complaint);
      expect(more.filter((text) => !/^\((Did you mean|add --help)/.test(text))).toEqual([]);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(existsSync(out)).toBe(false);
    },
  );

  it('gives one line for each, if there are several', async () => {
    const { code, stderr } = await evenkeel(
      'run',
      SCENARIO,
      '--set',
      'traffic.rate=-1',
      '--set',
      'cluster.replication=none',
    );
    expect(code).toBe(2);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map((line) => /^error .*two-variants\.ts: (\S+): found/.exec(line)?.[1]),
    ).toEqual(['cluster.replication', 'traffic.rate']);
  });

  it.each([
    [['run', 'two-variant'], /scenario: found 'two-variant'; accepted: a file, or one of drain, /],
    [['compare', 'web-dya'], /did you mean 'web-day'\?/],
    [
      ['run', SCENARIO, '--out', 'FOLDER/good.log/deep'],
      /--out: '.*good\.log\/deep' can't be written \(ENOTDIR.*\); accepted: a folder that can be written/,
    ],
    [
      ['report', 'FOLDER/none'],
      /none\/comparison\.json: can't be read .*accepted: a folder written by 'evenkeel run' or 'compare'/,
    ],
    [['trace', 'profile', 'FOLDER/broken.log'], /broken\.log, line 31: field time/],
    [
      ['trace', 'profile', 'FOLDER/good.log', '--out', 'FOLDER/prose.txt/x.json'],
      /--out: '.*x\.json' can't be written/,
    ],
    [['list', 'everything'], /value 'everything' is invalid.*scenarios, algorithms/],
    [['gate', '--jobs', 'x'], /found 'x'; accepted: a whole number from 1/],
    [['rnu'], /unknown command 'rnu'/],
  ])('evenkeel %j', async (words, complaint) => {
    const { code, stdout, stderr } = await evenkeel(...words.map((word) => word.replace('FOLDER', folder)));
    expect(stderr).toMatch(complaint);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });
});

describe('list and help', () => {
  it('list shows each scenario with its question and variants', async () => {
    const { code, stdout } = await evenkeel('list');
    expect(code).toBe(0);
    for (const word of ['web-day', 'flash-crowd', 'node-loss', 'scale-out', 'drain', 'least-outstanding'])
      expect(stdout).toContain(word);
  });

  it('list algorithms shows each family', async () => {
    const { code, stdout } = await evenkeel('list', 'algorithms');
    expect(code).toBe(0);
    for (const word of ['balancer', 'smooth-weighted-round-robin', 'placement', 'ring', 'rebalancer'])
      expect(stdout).toContain(word);
  });

  it.each(['list', 'run', 'compare', 'report', 'gate', 'trace'])('%s --help ends well', async (command) => {
    const { code, stdout } = await evenkeel(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: evenkeel ${command}`);
  });
});

describe('trace profile', () => {
  it('prints a profile, or writes it to a file', async () => {
    const printed = await evenkeel(
      'trace',
      'profile',
      join(folder, 'good.log'),
      '--name',
      'mine',
      '--source',
      'a test',
    );
    expect(printed.code).toBe(0);
    expect(JSON.parse(printed.stdout)).toMatchObject({ name: 'mine', requests: LOG.length });
    const file = join(folder, 'profiles', 'mine.json');
    const written = await evenkeel(
      'trace',
      'profile',
      join(folder, 'good.log'),
      '--name',
      'mine',
      '--source',
      'a test',
      '--out',
      file,
    );
    expect(written.code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(printed.stdout);
  });
});

describe('a run', () => {
  it('prints JSON, keeps its records, and is done again by the command that each record holds', async () => {
    const set = "question=Isn't it?";
    const words = ['--variants', 'choices', '--set', set, '--out', join(folder, 'run'), '--json'];
    const { code, stdout, stderr } = await evenkeel('run', SCENARIO, ...words);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ complete: true, comparison: { variants: ['choices'], seeds: [1] } });

    const left = join(folder, 'run', 'two-variants');
    const bytes = await readFile(join(left, 'choices-seed-1.json'), 'utf8');
    const record = recordSchema.parse(JSON.parse(bytes));
    expect(record.scenario.question).toBe("Isn't it?");
    const again = await shell(`${record.command} --quiet --out '${folder}/again'`);
    expect(again.stderr).not.toContain('error');
    expect(again.code).toBe(0);
    expect(await readFile(join(folder, 'again', 'two-variants', 'choices-seed-1.json'), 'utf8')).toBe(bytes);

    const report = async () => (await readFile(join(left, 'report.html'), 'utf8')).replace(CLIP_NUMBER, 'clip');
    const page = await report();
    await rm(join(left, 'report.html'));
    expect(await evenkeel('report', left)).toMatchObject({ code: 0, stdout: expect.stringContaining('report.html') });
    expect(await report()).toBe(page);
  }, 120_000);

  it('that is interrupted ends with 130 and leaves whole records of the finished trials', async () => {
    const out = join(folder, 'interrupted');
    let sent = false;
    const { code, stderr } = await evenkeelProcess(
      ['compare', SCENARIO, '--seeds', '15', '--jobs', '1', '--out', out],
      (text, kill) => {
        if (sent || !/\d+\/30 /.test(text)) return;
        sent = true;
        kill('SIGINT');
      },
    );
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted: \d+ of 30 trials are whole and kept/);
    const { comparison, records } = await readComparison(join(out, 'two-variants'));
    expect(records.length).toBe(comparison.trials.length);
    expect(records.length).toBeGreaterThan(0);
    expect(records.length).toBeLessThan(30);
    expect((await readdir(out)).filter((name) => name.startsWith('.'))).toEqual([]);
  }, 120_000);

  it('of a mistake ends a process with 2 and no stack', async () => {
    const { code, stdout, stderr } = await evenkeelProcess(['run', SCENARIO, '--variants', 'none']);
    expect(stderr).toBe("error --variants: found 'none'; accepted in two-variants: chance, choices\n");
    expect(stdout).toBe('');
    expect(code).toBe(2);
  }, 120_000);
});
