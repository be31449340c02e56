import { describe, expect, it } from 'vitest';
import type { Backend, Balancer } from './balancer.ts';
import { createBalancer } from './registry.ts';
import { seededStream } from './seeded-stream.ts';
import nginx from './testdata/nginx.json' with { type: 'json' };

/** No server of the tests listens here: nginx found each try refused. */
const refusing = 90;

interface Server {
  readonly id: string;
  readonly index: number;
  readonly zone: string;
  readonly weight: number;
  inFlight: number;
}

const request = { key: '', keyHash: 0 };

function tableOf(weights: readonly number[]): Server[] {
  return weights.map((weight, index) => ({ id: `server-${index}`, index, zone: 'z', weight, inFlight: 0 }));
}

function build(name: string, options: unknown, table: readonly Backend[]): Balancer {
  const balancer = createBalancer(name, options, { random: seededStream(1), nowMs: () => 0 });
  balancer.update(table);
  return balancer;
}

describe('recorded from nginx', () => {
  for (const { name, servers, sequence } of nginx.sequences) {
    it(name, () => {
      const balancerName = name.startsWith('least_conn') ? 'least-outstanding' : 'smooth-weighted-round-robin';
      const maxFails = servers[0]?.maxFails ?? 1;
      const table = tableOf(servers.map(({ weight }) => weight));
      const balancer = build(balancerName, { maxFails }, table);
      const fails = servers.map(() => 0);

      const serve = (): number[] => {
        const tried: number[] = [];
        for (;;) {
          // nginx itself leaves out a server that failed maxFails times; here that is the gateway's part.
          const eligible = table.filter(
            ({ index }) => !tried.includes(servers[index]?.name ?? -1) && (fails[index] ?? 0) < maxFails,
          );
          const backend = balancer.pick(eligible, request);
          const server = servers[backend.index]?.name ?? -1;
          tried.push(server);
          balancer.onDone(backend, server === refusing ? 'failed' : 'ok', 1);
          if (server !== refusing) return tried;
          fails[backend.index] = (fails[backend.index] ?? 0) + 1;
        }
      };
      expect(sequence.map(serve)).toEqual(sequence.map((entry) => (Array.isArray(entry) ? entry : [entry])));
    });
  }

  for (const { name, weights, ops } of nginx.leastConnHeld) {
    it(`least_conn with held connections: ${name}`, () => {
      const table = tableOf(weights);
      const balancer = build('least-outstanding', {}, table);
      const course = ops.map(([op, server]) => {
        const backend = op === 'open' ? balancer.pick(table, request) : table[Number(server)];
        const held = backend === undefined ? undefined : table[backend.index];
        if (held !== undefined) held.inFlight += op === 'open' ? 1 : -1;
        return [op, backend?.index];
      });
      expect(course).toEqual(ops);
    });
  }
});

describe('smooth weighted round robin', () => {
  const picks = (balancer: Balancer, eligible: readonly Backend[], count: number) =>
    Array.from({ length: count }, () => 'abcdef'[balancer.pick(eligible, request).index]).join('');

  it('gives a a b a c a a for weights 5, 1, 1', () => {
    const table = tableOf([5, 1, 1]);
    expect(picks(build('smooth-weighted-round-robin', {}, table), table, 14)).toBe('aabacaaaabacaa');
  });

  it('lowers the weight at a failure or a timeout, and lets it recover a unit a pick', () => {
    const table = tableOf([4, 4]);
    const courses = (['failed', 'timeout', 'cancelled', 'ok'] as const).map((outcome) => {
      const balancer = build('smooth-weighted-round-robin', {}, table);
      const [first] = table;
      if (first !== undefined) balancer.onDone(first, outcome, 1);
      return picks(balancer, table, 8);
    });
    // By hand: effective weights of a are 0, 1, 2, 3, 4, 4, …, those of b always 4.
    expect(courses).toEqual(['bbababab', 'bbababab', 'abababab', 'abababab']);
  });

  it('keeps credit and penalty by id when the table is renumbered', () => {
    const table = tableOf([5, 1, 1]);
    const balancer = build('smooth-weighted-round-robin', {}, table);
    expect(picks(balancer, table, 3)).toBe('aab');
    const [a, b, c] = table;
    const renumbered = [c, a, b].flatMap((server, index) => (server === undefined ? [] : [{ ...server, index }]));
    balancer.update(renumbered);
    const rest = Array.from({ length: 4 }, () => balancer.pick(renumbered, request).id);
    expect(rest).toEqual(['server-0', 'server-2', 'server-0', 'server-0']);
  });

  it('does not let a newcomer wait for the debts of those that left', () => {
    const table = tableOf([100, 1, 1]);
    const balancer = build('smooth-weighted-round-robin', {}, table);
    expect(picks(balancer, table, 30)).not.toContain('b');
    const [, b, c] = table;
    const next = [b, c, tableOf([1, 1, 1, 1])[3]].flatMap((server, index) =>
      server === undefined ? [] : [{ ...server, index }],
    );
    balancer.update(next);
    const ids = Array.from({ length: 6 }, () => balancer.pick(next, request).id);
    expect(ids).toContain('server-3');
  });
});
