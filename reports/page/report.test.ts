import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticComparison } from '../testdata/synthetic.ts';
import { writeIndex } from './index-page.ts';
import { writeReport } from './report.ts';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const HOSTILE = '</script><img src=x onerror="globalThis.hacked=1">';

const typical = syntheticComparison({
  variants: ['ring-hash', 'random', 'round-robin', 'smooth-weighted', 'least-outstanding', 'p2c'],
  seeds: 10,
  buckets: 300,
});

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('report file', () => {
  it('stays under a megabyte with six variants, ten seeds, twelve nodes and 300 buckets', async () => {
    const { path, bytes } = await writeReport(typical, join(folder, 'deep', 'typical.html'));
    expect(bytes).toBeLessThan(1_000_000);
    expect(existsSync(path)).toBe(true);
  }, 60_000);

  it('refuses records that are none', async () => {
    await expect(
      writeReport({ comparison: typical.comparison, records: [] }, join(folder, 'none.html')),
    ).rejects.toThrow('at least one');
    expect(existsSync(join(folder, 'none.html'))).toBe(false);
  });

  it('is listed with its verdict in the index, and files that are none are passed over', async () => {
    await writeFile(join(folder, 'stray.html'), '<p>not a report');
    const { path, reports } = await writeIndex(folder);
    expect(reports).toBe(1);
    expect(path.endsWith('index.html')).toBe(true);
  });
});

describe.skipIf(!existsSync(CHROMIUM))(
  `report in Chromium (skipped where there is none at ${CHROMIUM}; set CHROMIUM_PATH)`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    }, 30_000);
    afterAll(async () => {
      await browser?.close();
    });

    /** Opens a file with the network off; `complaints` gathers console errors, exceptions and breaches of the policy. */
    async function open(
      file: string,
      options: { script?: boolean; dark?: boolean; width?: number } = {},
    ): Promise<{ page: Page; complaints: string[] }> {
      const context = await browser.newContext({
        offline: true,
        javaScriptEnabled: options.script ?? true,
        colorScheme: options.dark ? 'dark' : 'light',
        viewport: { width: options.width ?? 1200, height: 900 },
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith('file:') && !request.url().startsWith('data:'))
          complaints.push(`request ${request.url()}`);
      });
      await page.goto(pathToFileURL(file).href);
      if (options.script ?? true) await page.waitForSelector('html[data-ready]', { timeout: 20_000 });
      return { page, complaints };
    }

    /** Rows of a live view's data set. */
    const rows = (page: Page, chart: string, set: string): Promise<Record<string, unknown>[]> =>
      page.evaluate(`evenkeel.charts.get('${chart}').view.data('${set}').map((row) => ({ ...row }))`);
    const windows = (page: Page): Promise<string[]> =>
      page.evaluate(
        `[...evenkeel.charts.values()].filter((live) => live.chart.timed).map((live) => live.view.signal('from').toFixed(1) + '-' + live.view.signal('to').toFixed(1))`,
      );

    it('opens without a complaint, zooms all time charts at once, undoes, switches and changes its theme', async () => {
      const { page, complaints } = await open(join(folder, 'deep', 'typical.html'));
      expect(await page.locator('.plot.live svg').count()).toBe(8);

      // Brush: drag over the middle half of the overview.
      const plot = page.locator('[data-chart="overview"] .plot');
      await plot.scrollIntoViewIfNeeded();
      const box = await plot.boundingBox();
      if (!box) throw new Error('the overview has no place on the page');
      const y = box.y + box.height / 2;
      await page.mouse.move(box.x + box.width * 0.3, y);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.6, y, { steps: 4 });
      await page.mouse.up();
      await page.waitForTimeout(100);
      const zoomed = new Set(await windows(page));
      expect(zoomed.size).toBe(1);
      const [from, to] = ([...zoomed][0] ?? '').split('-').map(Number);
      expect(from).toBeGreaterThan(60);
      expect(to).toBeLessThan(200);
      expect(await page.locator('[data-chart="imbalance"] svg text').allTextContents()).not.toContain('20 s');

      // Nothing is pushed out of a picture by what lies outside the window.
      const astray: string[] = await page.evaluate(`[...document.querySelectorAll('.plot.live')].flatMap((plot) => {
      const { left, right } = plot.getBoundingClientRect();
      return [...plot.querySelectorAll('svg text')].filter((text) => {
        const box = text.getBoundingClientRect();
        return box.width > 0 && (box.left < left - 2 || box.right > right + 40);
      }).map((text) => text.textContent);
    })`);
      expect(astray).toEqual([]);

      await page.keyboard.press('Escape');
      expect(new Set(await windows(page))).toEqual(new Set(['0.0-300.0']));
      await page.locator('[data-act="window"]').first().click();
      expect([...new Set(await windows(page))]).not.toEqual(['0.0-300.0']);
      await page.locator('[data-act="undo"]').click();
      expect(new Set(await windows(page))).toEqual(new Set(['0.0-300.0']));
      expect(await page.locator('[data-act="undo"]').isDisabled()).toBe(true);

      // Linked hover: the same instant everywhere.
      await plot.hover({ position: { x: box.width * 0.5, y: 40 } });
      await page.waitForTimeout(150);
      const instants: number[] = await page.evaluate(
        `[...evenkeel.charts.values()].filter((live) => live.chart.timed).map((live) => live.view.signal('hover'))`,
      );
      expect(new Set(instants).size).toBe(1);
      expect(instants[0]).toBeGreaterThan(100);

      // Switches: other variant, other metric, other operation.
      const before = await rows(page, 'heatmap', 'cells');
      await page.locator('[data-chart="heatmap"] [data-switch="variant"]').last().click();
      await page.waitForTimeout(50);
      expect(await rows(page, 'heatmap', 'cells')).not.toEqual(before);
      await page.locator('[data-switch="heat"][data-value="bytes"]').click();
      expect(await page.locator('[data-chart="heatmap"] .title').textContent()).toContain('bytes');
      expect(await page.locator('.heat-high').textContent()).toMatch(/B\/s/);
      await page.locator('[data-switch="imbalance"][data-value="jain"]').click();
      await page.locator('[data-chart="latency"] [data-switch="operation"][data-value="put"]').click();
      await page.waitForTimeout(50);

      // The charts hold the numbers of the record.
      const seed: number = await page.evaluate(
        `JSON.parse(document.getElementById('summary').textContent).seeds && Number(document.querySelector('[data-chart="overview"] .look').textContent.match(/seed (\\d+)/)[1])`,
      );
      const record = typical.records.find((candidate) => candidate.variant.name === 'p2c' && candidate.seed === seed);
      const drawn = (await rows(page, 'latency', 'strips'))
        .filter((row) => row['kind'] === 'point' && row['variant'] === 'p2c')
        .map((row) => row['p99']);
      expect(drawn).toEqual(record?.operations.find(({ op }) => op === 'put')?.series.p99Ms);
      const fair = (await rows(page, 'imbalance', 'strips'))
        .filter((row) => row['kind'] === 'point' && row['variant'] === 'p2c')
        .map((row) => row['value']);
      expect(fair).toEqual(record?.imbalance.jain);
      await page.locator('[data-chart="latency"] .behind summary').click();
      expect(await page.locator('[data-chart="latency"] .behind tbody tr').count()).toBe(1500);

      // Theme: both themes paint another background, from the same picture.
      const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
      const light = await background();
      await page.locator('[data-act="theme"]').click();
      expect(await background()).not.toBe(light);
      await page.locator('[data-act="theme"]').click();
      expect(await background()).toBe(light);
      expect(complaints).toEqual([]);
      await page.context().close();
    }, 30_000);

    it('reads without scripts, follows the dark system, and is no wider than a telephone', async () => {
      const { page } = await open(join(folder, 'deep', 'typical.html'), { script: false, dark: true, width: 360 });
      const text: string = await page.evaluate('document.body.innerText');
      expect(text).toMatch(/p2c beats ring-hash on get p99 by \d+ %/);
      expect(text).not.toMatch(/NaN|undefined|\[object/);
      expect(await page.locator('.plot svg').count()).toBe(8);
      expect(await page.locator('button:visible').count()).toBe(0);
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(19, 21, 23)');
      await page.context().close();

      const narrow = await open(join(folder, 'deep', 'typical.html'), { width: 360 });
      expect(await narrow.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      expect(narrow.complaints).toEqual([]);
      await narrow.page.context().close();
    }, 30_000);

    it('takes hostile and endless names for names', async () => {
      const names = [HOSTILE, `${'a'.repeat(10_000)}${HOSTILE}`, '__proto__', "'; alert(1) //\\u0022"];
      const { comparison, records } = syntheticComparison({ variants: names, seeds: 2, dataNodes: 4, buckets: 30 });
      const poisoned = records.map((record) => ({
        ...record,
        scenario: { ...record.scenario, question: HOSTILE, hypothesis: HOSTILE.repeat(20), traffic: HOSTILE },
        nodes: record.nodes.map((node) => ({ ...node, id: node.id === 'data-2' ? HOSTILE : node.id })),
        hotspots: record.hotspots.map((spot) => ({ ...spot, id: HOSTILE, keys: [{ key: HOSTILE, share: 1 }] })),
        faults: record.faults.map((fault) => ({ ...fault, kind: HOSTILE, line: HOSTILE.repeat(3) })),
        notes: [HOSTILE],
      }));
      const { path } = await writeReport(
        { comparison, records: poisoned },
        join(folder, 'hostile', `${'h'.repeat(40)}.html`),
      );
      const { page, complaints } = await open(path);
      expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.locator('h1').textContent()).toBe(HOSTILE);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1200);
      expect(complaints).toEqual([]);
      await page.context().close();
    }, 30_000);

    it('serves one node type, one variant and one seed without an empty chart', async () => {
      const small = syntheticComparison({
        variants: ['p2c'],
        seeds: 1,
        dataNodes: 3,
        buckets: 20,
        durationMs: 2000,
        calm: true,
      });
      const { path } = await writeReport(small, join(folder, 'small', 'report.html'));
      const { page, complaints } = await open(path);
      expect(await page.locator('.plot.live svg').count()).toBe(5);
      expect(await page.evaluate('document.body.innerText')).toContain(
        'Every partition had all its replicas throughout',
      );
      expect(complaints).toEqual([]);
      await page.context().close();
    }, 30_000);
  },
);
