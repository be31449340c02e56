import { describe, expect, it } from 'vitest';
import { createBalancer } from '../registry.ts';
import { seededStream } from '../seeded-stream.ts';
import recorded from './testdata/haproxy.json' with { type: 'json' };
import { requestFor, tableOf } from './testdata/table.ts';

function build(config: string, weights: readonly number[]) {
  const words = config.split(/[;\s]+/);
  const name = words.includes('consistent') ? 'haproxy-consistent' : 'haproxy-map';
  const hash = words.find((word) => ['sdbm', 'djb2', 'wt6', 'crc32'].includes(word));
  const factor = words.indexOf('hash-balance-factor');
  const options = {
    hash,
    avalanche: words.includes('avalanche'),
    ...(factor < 0 ? {} : { hashBalanceFactor: Number(words[factor + 1]) }),
  };
  const balancer = createBalancer(name, options, { random: seededStream(1), nowMs: () => 0 });
  const table = tableOf(
    weights.map((_, i) => `server-${i}`),
    weights,
  );
  balancer.update(table);
  return { balancer, table };
}

const held = recorded.cases.flatMap(({ name, config, weights, ops }) =>
  ops === undefined ? [] : [{ name, config, weights, ops }],
);
const keyed = recorded.cases.filter(({ ops }) => ops === undefined);

describe('HAProxy', () => {
  it.each(keyed)('$name: sends each key where HAProxy sent it', ({ config, weights, sequence }) => {
    const { balancer, table } = build(config, weights);
    expect(sequence.map((_, i) => balancer.pick(table, requestFor(`key-${i}`)).index)).toEqual(sequence);
  });

  it.each(held)('$name: keeps to HAProxy’s bound while requests are open', ({ config, weights, ops }) => {
    const { balancer, table } = build(config, weights);
    const found = ops.map(([op, key, server]) => {
      const backend = op === 'open' ? balancer.pick(table, requestFor(String(key))) : table[Number(server)];
      const entry = table[backend?.index ?? -1];
      if (entry !== undefined) entry.inFlight += op === 'open' ? 1 : -1;
      return [op, key, entry?.index];
    });
    expect(found).toEqual(ops);
  });

  it('has cases of each kind', () => {
    expect(keyed.length).toBeGreaterThan(8);
    expect(held).toHaveLength(3);
  });

  it('keeps the number of a server, and so its points, when another leaves', () => {
    const { balancer, table } = build('consistent crc32 avalanche', [1, 1, 1, 1, 1]);
    const keys = Array.from({ length: 500 }, (_, i) => requestFor(`object/${i}`));
    const before = keys.map((key) => balancer.pick(table, key).id);
    const rest = table.slice(1).map((backend, index) => ({ ...backend, index }));
    balancer.update(rest);
    keys.forEach((key, i) => {
      if (before[i] !== 'server-0') expect(balancer.pick(rest, key).id).toBe(before[i]);
    });
  });
});
