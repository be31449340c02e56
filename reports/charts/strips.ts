import type { TopLevelSpec } from 'vega-lite';
import { shorten } from '../compare/format.ts';
import type { Row } from './chart.ts';
import {
  bandLabelLayers,
  bandLabels,
  bandLayer,
  config,
  hoverLayer,
  type Layer,
  stripHeight,
  timeParameters,
} from './frame.ts';
import type { Choice, PageData } from './model.ts';

/**
 * Small multiples: one strip a variant with shared axes, each named above its plot, with the fault bands shaded in all and
 * named above the first. Rows of the data set `strips` carry `variant` and a `kind`: 'point' for what a chart draws,
 * 'name' for the strip's caption and 'label' for a fault's name.
 */
export function stripsSpec(
  page: PageData,
  layers: readonly Layer[],
  options: { readout: string; height?: number; extra?: Record<string, []> },
): TopLevelSpec {
  const names = page.variants.map(({ name }) => name);
  return {
    config,
    params: timeParameters(page),
    datasets: { strips: [], bands: [], ...options.extra },
    data: { name: 'strips' },
    facet: { row: { field: 'variant', type: 'nominal', header: null, sort: names } },
    spec: {
      width: 600,
      height: options.height ?? stripHeight(names.length),
      layer: [
        bandLayer(page),
        ...layers,
        hoverLayer,
        {
          transform: [{ filter: "datum.kind === 'name'" }],
          mark: { type: 'text', align: 'left', baseline: 'bottom', x: 0, y: -4, fontWeight: 600 },
          encoding: { text: { field: 'caption', type: 'nominal' } },
        },
        {
          transform: [
            { filter: `datum.kind === 'point' && abs(datum.t - hover) <= ${page.time.width / 2}` },
            { calculate: options.readout, as: 'readout' },
          ],
          mark: { type: 'text', align: 'right', baseline: 'bottom', x: 'width', y: -4, fontSize: 11 },
          encoding: { text: { field: 'readout', type: 'nominal' } },
        },
        ...bandLabelLayers(page, true, "datum.kind === 'label'", 21),
      ],
    },
  };
}

/** Caption rows and the names of the faults, for the data set `strips`. */
export function stripFrame(page: PageData, choice: Choice, caption: (variant: number) => string): Row[] {
  const [first] = page.variants;
  return [
    ...page.variants.map(({ name }, i) => ({
      kind: 'name',
      variant: name,
      caption: shorten(caption(i), Math.max(16, Math.floor(choice.widthPx / 6.6))),
    })),
    ...bandLabels(first?.bands ?? [], choice).map((row) => ({ ...row, kind: 'label', variant: first?.name ?? '' })),
  ];
}
