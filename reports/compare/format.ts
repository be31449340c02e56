import type { Figure } from '../../sim/record/schema.ts';

type Unit = Figure['unit'];

/** What stands where a run gave no sample; the page never shows NaN. */
export const NO_SAMPLE = 'no sample';

/** Rounds to `digits` significant digits and prints without exponent or trailing zeros, with thin spaces between thousands. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return NO_SAMPLE;
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.min(Math.max(digits - 1 - magnitude, 0), 6);
  const fixed = value
    .toFixed(decimals)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
  const [whole = '0', fraction] = fixed.replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return `${value < 0 && Number(fixed) !== 0 ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

const BYTES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes in decimal units: `12.3 MB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return NO_SAMPLE;
  let step = 0;
  let scaled = bytes;
  for (; Math.abs(scaled) >= 999.5 && step < BYTES.length - 1; step++) scaled /= 1000;
  return `${formatNumber(scaled)} ${BYTES[step]}`;
}

/** A length or a point of virtual time, in the unit a person would say: `340 ms`, `63.2 s`, `14 min`, `3.1 h`. */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return NO_SAMPLE;
  const size = Math.abs(ms);
  if (size < 1000) return `${formatNumber(ms)} ms`;
  if (size < 300_000) return `${formatNumber(ms / 1000)} s`;
  if (size < 3 * 3_600_000) return `${formatNumber(ms / 60_000)} min`;
  return `${formatNumber(ms / 3_600_000)} h`;
}

/** A share of one as a percentage: `41 %`. */
export function formatPercent(share: number, digits = 2): string {
  return Number.isFinite(share) ? `${formatNumber(share * 100, digits)} %` : NO_SAMPLE;
}

/** A figure's value with its unit. */
export function formatValue(value: number | null, unit: Unit): string {
  if (value === null || !Number.isFinite(value)) return NO_SAMPLE;
  switch (unit) {
    case 'ms':
      return formatMs(value);
    case 's':
      return formatMs(value * 1000);
    case 'bytes':
      return formatBytes(value);
    case 'fraction':
      // Close to all, what is missing is what counts: 99.97 % is not 100 %.
      return formatPercent(
        value,
        value > 0.9 && value < 1 ? Math.min(9, Math.max(3, 1 - Math.floor(Math.log10(1 - value)))) : 3,
      );
    case 'per-second':
      return `${formatNumber(value)}/s`;
    case 'ratio':
    case 'count':
      return formatNumber(value);
  }
}

/** A figure's label within a sentence: `Get, p99` becomes `get p99`; abbreviations keep their capitals. */
export function inSentence(label: string): string {
  const plain = shorten(label, 80).replaceAll(', ', ' ');
  return /^[A-Z][^A-Z]/.test(plain) ? plain.charAt(0).toLowerCase() + plain.slice(1) : plain;
}

/** A list as prose: `a`, `a and b`, `a, b and c`. */
export function formatList(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** Shortens hostile or merely long names to `limit` characters, from the middle. */
export function shorten(text: string, limit = 48): string {
  const characters = [...text];
  if (characters.length <= limit) return text;
  const tail = Math.floor((limit - 1) / 3);
  return `${characters.slice(0, limit - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
}
