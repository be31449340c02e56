/** Sources of algorithms of a user's own, for tests that write them to files far from this project. */

const about = "summary: 'x', source: 'a test', complexity: 'O(1)', weakness: 'all'";

/** A balancer that picks the first one, unless told otherwise by JavaScript that sees `eligible`, `context` and `count` of picks so far. */
export function balancerSource(name: string, pick: string): string {
  return `let total = 0;
export default {
  name: '${name}', ${about},
  create: (context) => {
    let count = 0;
    return {
      update() {},
      pick(eligible, request) { count++; total++; ${pick}; return eligible[0]; },
      onDone() {},
    };
  },
};
`;
}

/** Owners by the number of the partition, in the order of the nodes; told otherwise by JavaScript that sees `nodes` and `partition`. */
export function placementSource(name: string, replicas: string): string {
  return `export const own = {
  name: '${name}', ${about},
  create: (nodes) => ({
    replicas(partition, count) {
      ${replicas};
      return { nodes: Array.from({ length: count }, (_, i) => nodes[(partition + i) % nodes.length].id) };
    },
  }),
};
`;
}

/** A rebalancer that wants nothing, unless told otherwise by JavaScript that sees `view`. */
export function rebalancerSource(name: string, plan: string): string {
  return `export const own = {
  name: '${name}', ${about},
  create: () => ({ plan(view) { ${plan}; return []; } }),
};
`;
}
