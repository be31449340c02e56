import { describe, expect, it } from 'vitest';
import { pageStyle } from './style.ts';

/** Relative luminance and contrast after WCAG 2.2. */
function luminance(colour: string): number {
  const channels = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (channels[0] ?? 0) + 0.7152 * (channels[1] ?? 0) + 0.0722 * (channels[2] ?? 0);
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

describe('colours', async () => {
  const style = await pageStyle();
  const [light = '', dark = ''] = [
    /:root \{([^}]*)\}/.exec(style)?.[1],
    /data-theme="dark"\] \{([^}]*)\}/.exec(style)?.[1],
  ];

  it.each([
    ['light', light],
    ['dark', dark],
  ])('of the %s theme have enough contrast: 4.5 for text, 3 for marks', (_, block) => {
    const colours = new Map(
      [...block.matchAll(/--([a-z0-9]+): (#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value]),
    );
    const page = colours.get('page') ?? '';
    for (const name of [
      'ink',
      'muted',
      'accent',
      'good',
      'bad',
      'fault',
      'v0',
      'v1',
      'v2',
      'v3',
      'v4',
      'v5',
      'v6',
      'v7',
    ]) {
      expect(contrast(colours.get(name) ?? '', page), name).toBeGreaterThanOrEqual(4.5);
    }
    for (const name of ['base', 'state', 'h8'])
      expect(contrast(colours.get(name) ?? '', page), name).toBeGreaterThanOrEqual(3);
  });
});
