import { describe, expect, it } from 'vitest';
import { bytesOf, Heard, Rig } from '../testdata/rig.ts';

describe('retries', () => {
  const budget = { ratio: 0.1, burst: 5 };

  it('of questions to metadata are at most a tenth more, and what the burst allows', () => {
    const rig = new Rig({ client: { retryBudget: budget, metadataTimeoutMs: 50, deadlineMs: 2_000 } });
    const heard = new Heard();
    rig.metadata.script = ({ kind }) => (kind === 'object.lookup' ? 'silent' : undefined);
    for (let i = 0; i < 200; i++) {
      rig.client.head('k', heard, 0);
      rig.run(10);
    }
    rig.run(3_000);
    const asked = rig.metadata.heardKinds().filter((kind) => kind === 'object.lookup').length;
    expect(heard.outcomes).toHaveLength(200);
    expect(asked).toBeGreaterThan(200 + 10);
    expect(asked).toBeLessThanOrEqual(200 + 5 + 20);
  });

  it('that have cost metadata nothing cost nothing: those of a member that is not there', () => {
    const rig = new Rig({ client: { retryBudget: { ratio: 0, burst: 0 } } });
    rig.perform((client, handler) => client.put('k', { sizeBytes: 3, bytes: bytesOf('k', 3) }, handler, 0));
    rig.world.crash('metadata-1', { mode: 'process' });
    const heard = new Heard();
    for (let i = 0; i < 50; i++) rig.client.head('k', heard, 0);
    rig.run(300);
    rig.world.restart('metadata-1');
    rig.run(2_000);
    expect(heard.outcomes).toHaveLength(50);
    expect(heard.outcomes.every(({ status }) => status === 'ok')).toBe(true);
  });

  it('at another member than the one that gave no proper answer cost nothing', () => {
    const metadata = ['gateway-1', 'metadata-1'];
    const rig = new Rig({ client: { metadata, retryBudget: { ratio: 0, burst: 0 } } });
    // At the very start the gateway did not listen yet; now it answers, though not what metadata would.
    rig.world.crash('client-1', { mode: 'process' });
    rig.world.restart('client-1');
    rig.run(200);
    expect(rig.client.ready).toBe(true);
  });

  it('that cannot be paid for wait until others have earned them', () => {
    const rig = new Rig({ client: { retryBudget: { ratio: 0.5, burst: 0 }, metadataTimeoutMs: 50 } });
    let silent = true;
    rig.metadata.script = ({ kind }) => (kind === 'object.lookup' && silent ? 'silent' : undefined);
    const heard = new Heard();
    rig.client.head('k', heard, 1);
    rig.run(500);
    expect(heard.outcomes).toEqual([]);
    silent = false;
    for (let i = 0; i < 4; i++) rig.client.head('k', heard, 0);
    rig.run(1_000);
    expect(heard.outcomes).toHaveLength(5);
    expect(heard.outcomes.every(({ status }) => status === 'ok')).toBe(true);
  });

  it('at metadata leave those at gateways their own', () => {
    const rig = new Rig({ gateways: 2, client: { retryBudget: { ratio: 0, burst: 1 }, metadataTimeoutMs: 50 } });
    rig.perform((client, handler) => client.put('k', { sizeBytes: 3, bytes: bytesOf('k', 3) }, handler, 0));
    let lost = 1;
    rig.metadata.script = ({ kind }) => (kind === 'object.lookup' && lost-- > 0 ? 'silent' : undefined);
    rig.world.crash('gateway-1', { mode: 'process' });
    rig.world.crash('gateway-2', { mode: 'process' });
    rig.world.restart('gateway-2');
    const outcomes = [1, 2].map(() => rig.perform((client, handler) => client.get('k', undefined, handler, 0)));
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(rig.eventsOf('operation').filter(({ attempts }) => attempts > 1).length).toBeGreaterThanOrEqual(1);
  });
});

describe('the map', () => {
  it('is fetched once, however many answers tell that it is old', () => {
    const rig = new Rig();
    rig.perform((client, handler) => client.put('k', { sizeBytes: 3, bytes: bytesOf('k', 3) }, handler, 0));
    rig.changeMap({});
    rig.metadata.announce('gateway-1');
    rig.run(20);
    rig.metadata.heard.length = 0;
    const heard = new Heard();
    for (let i = 0; i < 50; i++) rig.client.get('k', undefined, heard, 0);
    rig.run(100);
    expect(heard.outcomes.every(({ status }) => status === 'ok')).toBe(true);
    expect(rig.metadata.heardKinds().filter((kind) => kind === 'map.get')).toHaveLength(1);
    expect(rig.client.epoch).toBe(rig.metadata.map.epoch);
  });
});
