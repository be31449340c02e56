import type { RunRecord } from '../../../sim/record/schema.ts';
import { metThroughout } from '../../compare/failures.ts';
import { formatList, formatMs, inSentence } from '../../compare/format.ts';
import type { Scorecard } from '../../compare/scorecard.ts';
import { failures, verdict } from '../../compare/verdict.ts';
import { type Html, html } from '../html.ts';

/** The scenario's question, what was expected, what came out; failed checks above the verdict. */
export function opening(card: Scorecard, record: RunRecord): Html {
  const { scenario } = record;
  const dataNodes = record.nodes.filter((node) => node.role === 'data').length;
  const failed = failures(card);
  const size = `${card.variants.length} ${plural(card.variants.length, 'variant')} × ${card.seeds.length} ${plural(card.seeds.length, 'seed')}, ${dataNodes} data ${plural(dataNodes, 'node')}, ${formatMs(scenario.durationMs)} of virtual time`;
  return html`<header class="page">
<p class="eyebrow">evenkeel · ${scenario.name} · ${size}</p>
<h1>${scenario.question}</h1>
<p class="hypothesis"><b>Expected.</b> ${scenario.hypothesis}</p>
${failed.length > 0 ? html`<div class="failures" role="alert"><h2>${failureTitle(card)}</h2><ul>${failed.map((text) => html`<li>${text}.</li>`)}</ul></div>` : null}
<ul class="verdict" aria-label="Verdict">${verdict(card).map((text) => html`<li>${text}.</li>`)}</ul>
${failed.length === 0 ? html`<p class="allheld">${held(card)}</p>` : null}
</header>`;
}

function failureTitle(card: Scorecard): string {
  const violated = new Set(card.checks.filter((check) => check.violatedSeeds.length > 0).map((check) => check.id)).size;
  const missed = new Set(
    card.slos.filter((slo) => slo.failedSeeds.length > 0).map((slo) => `${slo.figure} ${slo.max} ${slo.min}`),
  ).size;
  return formatList([
    ...(violated > 0 ? [`${violated} ${plural(violated, 'check')} violated`] : []),
    ...(missed > 0 ? [`${missed} ${plural(missed, 'objective')} missed`] : []),
  ]);
}

/** What was checked and held; silence must not pass for success. */
function held(card: Scorecard): string {
  const checks = new Set(card.checks.filter((check) => check.held > 0).map((check) => check.id));
  const unjudged = new Set(card.checks.filter((check) => check.unjudgedSeeds.length > 0).map((check) => check.id));
  const open = new Set(card.slos.filter((slo) => !metThroughout(slo)).map((slo) => inSentence(slo.label)));
  const parts = [
    checks.size > 0 ? `${checks.size} ${plural(checks.size, 'check')} held on every seed` : 'No check was judged',
    ...(unjudged.size > 0 ? [`not judged on some: ${formatList([...unjudged].slice(0, 6))}`] : []),
    ...(card.slos.length > 0 && open.size === 0 ? ['every objective was met'] : []),
    ...(open.size > 0 ? [`no sample on some seeds for the objective of ${formatList([...open].slice(0, 6))}`] : []),
  ];
  return `${parts.join('; ')}.`;
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
