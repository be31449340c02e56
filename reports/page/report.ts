import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { resetSVGDefIds } from 'vega';
import writeFileAtomic from 'write-file-atomic';
import type { Comparison, RunRecord } from '../../sim/record/schema.ts';
import { CHARTS } from '../charts/all.ts';
import { pageData } from '../charts/page-data.ts';
import { scorecard } from '../compare/scorecard.ts';
import { arrangeTrials } from '../compare/trials.ts';
import { failures, verdict } from '../compare/verdict.ts';
import { pageScripts } from './bundle.ts';
import { type Drawing, draw } from './draw.ts';
import { escapeHtml } from './html.ts';
import type { ReportSummary } from './index-page.ts';
import { body } from './layout.ts';
import { PATTERNS } from './sections/figure.ts';
import { pageStyle } from './style.ts';

/** What a report is made of: `comparison.json` and the records it names. */
export interface ReportInput {
  readonly comparison: Comparison;
  readonly records: readonly RunRecord[];
}

/**
 * Writes the report of a comparison: one HTML file that needs nothing else, not even scripts. Written atomically; its folder
 * is made where it is missing.
 *
 * @returns the absolute path and the size in bytes
 * @throws Error where the records are none, or of another comparison
 */
export async function writeReport(input: ReportInput, outFile: string): Promise<{ path: string; bytes: number }> {
  const path = resolve(outFile);
  const page = await renderReport(input);
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, page);
  return { path, bytes: Buffer.byteLength(page) };
}

/** The report as text, see {@link writeReport}. */
export async function renderReport({ comparison, records }: ReportInput): Promise<string> {
  const trials = arrangeTrials(comparison, records);
  const card = scorecard(comparison, records);
  const page = pageData(trials, card);
  // Clip paths are numbered over the whole process: counted anew, a page has the same bytes however many came before.
  resetSVGDefIds();
  const drawings = new Map<string, Drawing>();
  for (const chart of CHARTS) if (chart.drawable(page)) drawings.set(chart.id, await draw(chart, page));

  const [scripts, style] = await Promise.all([pageScripts(), pageStyle()]);
  const specs = Object.fromEntries([...drawings].map(([id, { spec }]) => [id, spec]));
  const summary: ReportSummary = {
    scenario: comparison.scenario,
    question:
      [...trials.variants].flatMap((variant) => trials.of(variant)).find((record) => record !== null)?.scenario
        .question ?? '',
    verdict: verdict(card)[0] ?? '',
    failures: failures(card).length,
    variants: card.variants.length,
    seeds: card.seeds.length,
    startedAt: comparison.environment.startedAt,
  };
  const policy = [
    "default-src 'none'",
    `script-src ${digest(scripts.boot)} ${digest(scripts.application)}`,
    `style-src ${digest(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="evenkeel ${escapeHtml(comparison.environment.evenkeel)}">
<title>${escapeHtml(comparison.scenario.slice(0, 80))} · evenkeel</title>
<style>${style}</style>
<script>${scripts.boot}</script>
</head>
<body>
${PATTERNS.text}
${body({ comparison, trials, card, page, drawings }).text}
<script type="application/json" id="summary">${JSON.stringify(summary).replaceAll('<', '\\u003c')}</script>
<script type="text/plain" id="payload">${pack(JSON.stringify({ page, specs }))}</script>
<script type="text/plain" id="application">${pack(scripts.application)}</script>
</body>
</html>
`;
}

function pack(text: string): string {
  return gzipSync(text, { level: 9 }).toString('base64');
}

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
