import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** The scripts of a report, minified. */
export interface PageScripts {
  readonly boot: string;
  readonly application: string;
}

let bundled: Promise<PageScripts> | null = null;

/** Bundles the page's scripts; the same for every report, so once a process. */
export function pageScripts(): Promise<PageScripts> {
  bundled ??= Promise.all([bundle('boot'), bundle('app')]).then(([boot, application]) => ({ boot, application }));
  return bundled;
}

async function bundle(entry: 'boot' | 'app'): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`./browser/${entry}.ts`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
    charset: 'ascii',
    plugins: [slimVega],
    logLevel: 'silent',
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`page script ${entry}: esbuild gave no output`);
  return file.text;
}

/** The parts of Vega that the charts use. All of it is a third larger again: maps, force layouts, word clouds, trees. */
const SLIM_VEGA = `
import { extend } from 'vega-util';
import { changeset, transforms } from 'vega-dataflow';
import * as transform from 'vega-transforms';
import * as layout from 'vega-view-transforms';
import * as encode from 'vega-encode';
import { View } from 'vega-view';
import { parse } from 'vega-parser';
extend(transforms, transform, layout, encode);
export { View, parse, changeset };
`;

const slimVega: Plugin = {
  name: 'slim-vega',
  setup(plugin) {
    plugin.onResolve({ filter: /^vega$/ }, () => ({ path: 'vega', namespace: 'slim' }));
    plugin.onLoad({ filter: /.*/, namespace: 'slim' }, () => ({
      contents: SLIM_VEGA,
      resolveDir: dirname(createRequire(import.meta.url).resolve('vega')),
    }));
  },
};
