import { describe, expect, it } from 'vitest';
import type { DataRequest } from '../messages/block.ts';
import { addRequest, deleteRequest, Rig, readRequest, testBlock } from './testdata/rig.ts';

const good = testBlock('c.1.1');
const body = { sizeBytes: 40, bytes: good.bytes };
const update = { kind: 'block.update', block: good.ref, ifGeneration: 1, epoch: 1, body } as const;
const add = addRequest(good);

/** Each with the field that the refusal must name. */
const CASES: Readonly<Record<string, readonly [DataRequest, string]>> = {
  'an add with an empty id': [{ ...addRequest({ ...good, ref: { ...good.ref, id: '' } }) }, 'id'],
  'an add with a fractional partition': [addRequest({ ...good, ref: { ...good.ref, partition: 0.5 } }), 'partition'],
  'an add under no epoch': [addRequest(good, Number.NaN), 'epoch'],
  'an add under a negative epoch': [addRequest(good, -1), 'epoch'],
  'an add over the limit': [addRequest({ ...good, ref: { ...good.ref, sizeBytes: 10_001 } }), 'sizeBytes'],
  'an add of another length than declared': [
    { kind: 'block.add', key: 'k', block: good.ref, epoch: 1, body: { sizeBytes: 41, bytes: good.bytes } },
    'body.sizeBytes',
  ],
  'an add of more bytes than declared': [addRequest({ ...good, ref: { ...good.ref, sizeBytes: 39 } }), 'body'],
  'an add damaged on its way': [addRequest({ ...good, ref: { ...good.ref, checksum: 1 } }), 'checksum'],
  'an add of an id that is here with other content': [
    addRequest({ ...testBlock('other'), ref: { ...testBlock('other').ref, id: 'here' } }),
    'id',
  ],
  'an update from a generation that is not there': [
    { ...update, block: { ...good.ref, id: 'here' }, ifGeneration: 7 },
    'ifGeneration',
  ],
  'an update from generation 0': [{ ...update, ifGeneration: 0 }, 'ifGeneration'],
  'an update with a bad checksum': [{ ...update, block: { ...good.ref, checksum: 3 } }, 'checksum'],
  'a delete of a malformed id': [deleteRequest({ ...good, ref: { ...good.ref, id: 'a b' } }), 'id'],
  'a delete under no epoch': [deleteRequest(good, Number.NaN), 'epoch'],
  'a read of a malformed id': [readRequest({ ...good, ref: { ...good.ref, id: 'a b' } }), 'id'],
  'a read beyond the end': [
    { ...readRequest({ ...good, ref: { ...good.ref, id: 'here' } }), range: { startBytes: 40, lengthBytes: 1 } },
    'range',
  ],
  'a read of a negative range': [
    { ...readRequest({ ...good, ref: { ...good.ref, id: 'here' } }), range: { startBytes: -1, lengthBytes: 1 } },
    'range',
  ],
};

describe('bad input', () => {
  it.each(Object.entries(CASES))('%s is refused before any I/O, in words that help', (_name, [request, field]) => {
    const rig = new Rig({ config: { maxBlockBytes: 10_000 } });
    rig.add({ ...good, ref: { ...good.ref, id: 'here' } });
    rig.run(100);
    let operations = 0;
    rig.node().disk.overlays.add({ apply: () => operations++ });
    const reply = rig.ask(request);
    expect(operations).toBe(0);
    expect(reply).toMatchObject({
      kind: 'block.refused',
      refusal: expect.stringMatching(/^(bad-request|conflict|generation)$/),
      detail: expect.stringMatching(new RegExp(`^(block\\.)?(${field})\\S*: found .*accepted`)),
    });
  });

  it('does not close the fence to those that follow', () => {
    const rig = new Rig();
    rig.ask(addRequest(good, Number.NaN));
    rig.ask(addRequest(good, Number.POSITIVE_INFINITY));
    expect(rig.ask(add)).toMatchObject({ kind: 'block.stored' });
  });
});
