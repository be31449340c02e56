import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { shorten } from '../compare/format.ts';
import { html, raw } from './html.ts';
import { pageStyle } from './style.ts';

const summarySchema = z.object({
  scenario: z.string(),
  question: z.string(),
  verdict: z.string(),
  failures: z.number(),
  variants: z.number(),
  seeds: z.number(),
  startedAt: z.string(),
});

/** What a report says of itself to the index; it stands in the report as a JSON block. */
export type ReportSummary = z.infer<typeof summarySchema>;

/**
 * Writes `index.html` over all reports in a folder and the folders in it, newest first. Files that aren't reports are passed over.
 *
 * @returns the path of the index and how many reports it lists
 */
export async function writeIndex(outDir: string): Promise<{ path: string; reports: number }> {
  const folder = resolve(outDir);
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith('.html') && file !== 'index.html')
    .sort();
  const reports = (
    await Promise.all(
      files.map(async (file) => {
        const summary = readSummary(await readFile(join(folder, file), 'utf8'));
        return summary
          ? [{ file: relative(folder, join(folder, file)).split(sep).map(encodeURIComponent).join('/'), summary }]
          : [];
      }),
    )
  )
    .flat()
    .sort((a, b) =>
      a.summary.startedAt < b.summary.startedAt ? 1 : a.summary.startedAt > b.summary.startedAt ? -1 : 0,
    );

  const styles = await pageStyle();
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(styles).digest('base64')}'`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Reports · evenkeel</title><style>${raw(styles)}</style></head>
<body><main><p class="eyebrow">evenkeel</p><h1>Reports</h1>
${
  reports.length === 0
    ? html`<p>No reports in this folder yet.</p>`
    : html`<div class="scroll"><table class="index"><thead><tr><th class="text">Scenario</th><th class="text">Question and verdict</th><th>Compared</th><th>Started</th></tr></thead><tbody>
${reports.map(
  ({ file, summary }) =>
    html`<tr><td class="text"><a href="${file}">${shorten(summary.scenario, 60)}</a></td><td class="long">${shorten(summary.question, 300)}<br><b>${summary.verdict === '' ? '' : `${shorten(summary.verdict, 400)}.`}</b>${summary.failures > 0 ? html` <span class="bad">${summary.failures} failure${summary.failures === 1 ? '' : 's'}.</span>` : null}</td><td>${summary.variants} × ${summary.seeds} seeds</td><td>${summary.startedAt.slice(0, 16).replace('T', ' ')}</td></tr>`,
)}</tbody></table></div>`
}</main></body></html>
`;
  const path = join(folder, 'index.html');
  await writeFileAtomic(path, page.text);
  return { path, reports: reports.length };
}

function readSummary(page: string): ReportSummary | null {
  const block = /<script type="application\/json" id="summary">([^<]*)<\/script>/.exec(page)?.[1];
  if (block === undefined) return null;
  try {
    return summarySchema.safeParse(JSON.parse(block)).data ?? null;
  } catch {
    return null;
  }
}
