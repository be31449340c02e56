import type { Comparison, RunRecord } from '../../../sim/record/schema.ts';
import { formatMs, formatNumber, shorten } from '../../compare/format.ts';
import type { Trials } from '../../compare/trials.ts';
import { type Html, html } from '../html.ts';

/** How to get these very figures again, on what they were got, and what each variant sets. */
export function replaySection(comparison: Comparison, trials: Trials, record: RunRecord): Html {
  const { scenario } = record;
  const { environment } = comparison;
  const events = trials.variants
    .flatMap((variant) => trials.of(variant))
    .reduce((sum, run) => sum + (run?.events ?? 0), 0);
  return html`<section id="replay"><h2>Configuration and replay</h2>
<p class="look">Same scenario, variant and seed give the same bytes on any machine; a fingerprint that differs is a run that took another course.</p>
<dl class="replay">
<dt>All of it</dt><dd><pre>${comparison.command}</pre></dd>
<dt>The run in the charts</dt><dd><pre>${record.command}</pre></dd>
<dt>Scenario</dt><dd>${scenario.name}, digest <code>${comparison.digest}</code></dd>
<dt>Traffic</dt><dd>${scenario.traffic}</dd>
<dt>Cluster</dt><dd>${cluster(record)}; ${scenario.replication} replicas, ${scenario.partitions} partitions</dd>
<dt>Time</dt><dd>${formatMs(scenario.durationMs)} virtual, of which ${formatMs(scenario.warmupMs)} warm-up; buckets of ${formatMs(record.buckets.widthMs)}</dd>
<dt>Faults</dt><dd>${record.faults.length === 0 ? 'none' : record.faults.map((fault, i) => html`${i > 0 ? html`<br>` : ''}${shorten(fault.line, 160)} <span class="${fault.effects === 0 ? 'bad' : 'muted'}">(${fault.effects === 0 ? 'touched nothing' : `took effect ${formatNumber(fault.effects, 9)} ×`})</span>`)}</dd>
<dt>Seeds</dt><dd>${trials.seeds.join(', ')}</dd>
<dt>Made with</dt><dd>evenkeel ${environment.evenkeel}, Node ${environment.node}, revision ${environment.revision ?? 'unknown'}; ${formatNumber(events, 4)} kernel events in ${formatNumber(environment.wallSeconds)} s of wall time, started ${environment.startedAt}</dd>
</dl>
<h3>Variants</h3><div class="scroll" tabindex="0" role="region" aria-label="Variants"><table><thead><tr><th class="text">Variant</th><th class="text">Settings</th></tr></thead><tbody>
${trials.variants.map((variant) => {
  const settings = Object.entries(trials.of(variant).find((run) => run !== null)?.variant.settings ?? {});
  return html`<tr><th class="text name" scope="row">${shorten(variant, 40)}${variant === trials.baseline && trials.variants.length > 1 ? ' (baseline)' : ''}</th><td class="long">${settings.length === 0 ? 'as the scenario' : settings.map(([key, value], i) => html`${i > 0 ? ', ' : ''}${shorten(key, 60)} → ${shorten(value, 80)}`)}</td></tr>`;
})}</tbody></table></div>
<details><summary>Fingerprints of all ${comparison.trials.length} trials</summary><div class="scroll"><table><thead><tr><th class="text">Variant</th><th>Seed</th><th class="text">Fingerprint</th><th class="text">Record</th></tr></thead><tbody>
${comparison.trials.map((trial) => html`<tr><td class="text name">${shorten(trial.variant, 40)}</td><td>${trial.seed}</td><td class="text"><code>${trial.fingerprint}</code></td><td class="text name">${shorten(trial.file, 60)}</td></tr>`)}</tbody></table></div></details>
</section>`;
}

function cluster(record: RunRecord): string {
  const roles = [...new Set(record.nodes.map((node) => node.role))];
  const zones = new Set(record.nodes.map((node) => node.zone)).size;
  const parts = roles.map((role) => `${record.nodes.filter((node) => node.role === role).length} ${role}`);
  return `${parts.join(', ')} in ${zones} zone${zones === 1 ? '' : 's'}`;
}
