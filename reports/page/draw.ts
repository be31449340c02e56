import { parse, type Runtime, type Spec, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile } from 'vega-lite';
import type { Chart } from '../charts/chart.ts';
import { STATIC_WIDTH_PX } from '../charts/frame.ts';
import { type Choice, defaultChoice, type PageData } from '../charts/model.ts';

/** A chart as the page holds it: the compiled specification without data for the script, and a picture for everyone else. */
export interface Drawing {
  readonly chart: Chart;
  readonly spec: Spec;
  readonly svg: string;
}

/** Compiles a chart's Vega-Lite to Vega and draws its static picture. */
export async function draw(chart: Chart, page: PageData): Promise<Drawing> {
  const choice = defaultChoice(page, STATIC_WIDTH_PX - chart.marginPx);
  const { spec } = compile(chart.spec(page), { logger: silent });
  return { chart, spec, svg: await picture(spec, chart, page, choice) };
}

async function picture(spec: Spec, chart: Chart, page: PageData, choice: Choice): Promise<string> {
  const runtime: Runtime = parse(spec, {}, { ast: true });
  const view = new View(runtime, { renderer: 'none', expr: expressionInterpreter });
  const widthSignal = spec.signals?.some(({ name }) => name === 'child_width') ? 'child_width' : 'width';
  view.signal(widthSignal, choice.widthPx);
  for (const [name, rows] of Object.entries(chart.data(page, choice))) view.data(name, [...rows]);
  const svg = await view.toSVG();
  view.finalize();
  return slim(svg, chart.title(page, choice));
}

/** Halves a Vega SVG: a tenth of a pixel is enough, and groups need no names where nothing refers to them. */
function slim(svg: string, title: string): string {
  const escaped = title.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  return svg
    .replace(/ (?:d|transform|[xy][12]?|width|height)="[^"]*"/g, (attribute) =>
      attribute.replace(/(\d+\.\d)\d+/g, '$1'),
    )
    .replace(/ (?:class|role|aria-[a-z]+|pointer-events|stroke-miterlimit|xmlns:xlink|version)="[^"]*"/g, '')
    .replace(/ d="(M[^"]*)"/g, (_, path: string) => ` d="${relativePath(path)}"`)
    .replace(/ opacity="1"/g, '')
    .replace(/ font-family="[^"]*"/g, '')
    .replace(/<path d="M0,0h[\d.]+v[\d.]+h-?[\d.]+Z"\/>/g, '')
    .replace(/^<svg /, `<svg role="img" aria-label="${escaped}" `);
}

/** A path of straight lines with steps instead of places, which are half as long to write. */
function relativePath(path: string): string {
  if (!/^(?:[ML]-?[\d.]+,-?[\d.]+|Z)+$/.test(path)) return path;
  let [x, y] = [0, 0];
  let [startX, startY] = [0, 0];
  let out = '';
  for (const [, command, first, second] of path.matchAll(/([MLZ])(?:(-?[\d.]+),(-?[\d.]+))?/g)) {
    if (command === 'Z' || first === undefined || second === undefined) {
      out += 'z';
      [x, y] = [startX, startY];
      continue;
    }
    const [toX, toY] = [tenths(first), tenths(second)];
    if (command === 'M') {
      out += `M${toX / 10},${toY / 10}`;
      [startX, startY] = [toX, toY];
    } else out += `l${step(toX - x)}${toY < y ? '' : ','}${step(toY - y)}`;
    [x, y] = [toX, toY];
  }
  return out;
}

function tenths(text: string): number {
  return Math.round(Number(text) * 10);
}

function step(difference: number): string {
  return String(difference / 10).replace(/^(-?)0\./, '$1.');
}

/** Vega-Lite warns on the console about harmless merges; errors are thrown and stay visible. */
const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
};
