import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Who may import whom, and what the deterministic rooms may not touch: held by this test, not by memory. */

const ROOT = resolve(import.meta.dirname, '..');

interface Source {
  readonly file: string;
  readonly text: string;
  /** Files of the project that it imports, relative to the root. */
  readonly local: readonly string[];
  /** Packages and `node:` modules. */
  readonly outside: readonly string[];
}

const sources = ['sim', 'scenarios', 'reports'].flatMap((folder) => read(folder));
const product = sources.filter(
  ({ file }) => !/\.(test|bench|conformance)\.ts$/.test(file) && !file.includes('/testdata/'),
);

/** What a room may import of the project, beside itself. Rooms that are not listed may import anything. */
const ROOMS: readonly (readonly [room: string, mayImport: readonly string[]])[] = [
  ['sim/host.ts', []],
  ['sim/store', ['sim/host.ts']],
  ['sim/kernel', []],
  ['sim/world', ['sim/host.ts', 'sim/kernel']],
  ['sim/live', ['sim/host.ts']],
  ['sim/traffic', ['sim/host.ts']],
  ['sim/record', ['sim/host.ts', 'sim/store']],
  ['sim/check', ['sim/host.ts', 'sim/store', 'sim/record']],
  ['sim/experiment', ['sim/host.ts', 'sim/store', 'sim/kernel', 'sim/world', 'sim/traffic', 'sim/record', 'sim/check']],
  ['reports', ['sim/record/schema.ts', 'sim/record/histogram.ts']],
  ['scenarios', ['sim/experiment/scenario.ts', 'sim/store']],
];

describe('the house', () => {
  it.each(ROOMS)('%s imports only what its room may', (room, mayImport) => {
    const allowed = [room, ...mayImport];
    const strays = product
      .filter(({ file }) => within(file, room))
      .flatMap(({ file, local }) =>
        local
          .filter((target) => !allowed.some((place) => within(target, place)))
          .map((target) => `${file} → ${target}`),
      );
    expect(strays).toEqual([]);
  });

  it('has no circles of imports, not even of types', () => {
    expect(circles()).toEqual([]);
  });
});

describe('determinism', () => {
  const deterministic = product.filter(({ file }) => ['sim/store', 'sim/kernel'].some((room) => within(file, room)));
  const virtual = product.filter(({ file }) =>
    ['sim/store', 'sim/kernel', 'sim/world', 'sim/traffic', 'sim/check', 'scenarios'].some((room) =>
      within(file, room),
    ),
  );

  it('keeps store and kernel free of node: modules', () => {
    expect(
      deterministic.flatMap(({ file, outside }) =>
        outside.filter((name) => name.startsWith('node:')).map((name) => `${file} → ${name}`),
      ),
    ).toEqual([]);
  });

  it.each([
    ['promises', /\b(async|await|Promise)\b/],
    ['timers of the platform', /\b(setTimeout|setInterval|setImmediate|queueMicrotask|nextTick)\b/],
  ])('keeps store and kernel free of %s', (_what, pattern) => {
    expect(deterministic.filter(({ text }) => pattern.test(withoutComments(text))).map(({ file }) => file)).toEqual([]);
  });

  it.each([
    ['the clock', /\bDate\b|\bperformance\b/],
    ['Math.random', /Math\.random|crypto\.(getRandomValues|randomUUID)/],
    ['powers, which differ in the last bit between Node versions', /Math\.pow|[\w)\]]\s*\*\*\s*[\w(-]/],
    ['orders that depend on the locale', /localeCompare|toLocale/],
  ])('keeps everything in virtual time free of %s', (_what, pattern) => {
    expect(virtual.filter(({ text }) => pattern.test(withoutComments(text))).map(({ file }) => file)).toEqual([]);
  });
});

function read(folder: string): readonly Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith(`out${sep}`))
    .map((name) => {
      const file = join(folder, name).split(sep).join('/');
      const text = readFileSync(join(ROOT, file), 'utf8');
      const imports = [...text.matchAll(/^(?:import|export)\s[^;]*?from '([^']+)'|^import '([^']+)'/gm)].map(
        (match) => match[1] ?? match[2] ?? '',
      );
      const local = imports
        .filter((name) => name.startsWith('.'))
        .map((name) =>
          relative(ROOT, resolve(ROOT, dirname(file), name))
            .split(sep)
            .join('/'),
        );
      return { file, text, local, outside: imports.filter((name) => !name.startsWith('.')) };
    });
}

function within(file: string, place: string): boolean {
  return file === place || file.startsWith(`${place}/`);
}

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''");
}

function circles(): readonly string[] {
  const edges = new Map(product.map(({ file, local }) => [file, local]));
  const found: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    state.set(file, 'open');
    for (const target of edges.get(file) ?? []) visit(target, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}
