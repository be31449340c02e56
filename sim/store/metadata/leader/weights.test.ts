import { describe, expect, it } from 'vitest';
import { TestCluster } from '../testdata/test-cluster.ts';

function cluster(placement: string): TestCluster {
  const made = new TestCluster({ expectedNodes: 4, placement: { name: placement } });
  for (let i = 1; i <= 4; i++) made.addNode(`data-${i}`, ['a', 'b', 'c'][i % 3] ?? '');
  made.run(2_000);
  return made;
}

describe('a weight', () => {
  it('is refused, with the reason, where the placement knows none, and the cluster goes on', () => {
    const made = cluster('jump');
    const { epoch } = made.map();
    expect(made.ask({ kind: 'admin.weight', node: 'data-2', weight: 3, epoch: 'any' })).toMatchObject({
      kind: 'admin.refused',
      detail: expect.stringMatching(/^placement "jump": node data-\d: weight: found .*, accepted: .*knows no weights/),
    });
    made.run(5_000);
    expect(made.map()).toMatchObject({ epoch, nodes: Array(4).fill({ weight: 1 }) });
    made.put('k1', { partition: 1 });
  });

  it('is taken where the placement knows weights', () => {
    const made = cluster('weighted-rendezvous');
    expect(made.ask({ kind: 'admin.weight', node: 'data-2', weight: 3, epoch: 'any' })).toMatchObject({
      kind: 'admin.done',
    });
    expect(made.map().nodes[1]).toMatchObject({ id: 'data-2', weight: 3 });
  });
});
