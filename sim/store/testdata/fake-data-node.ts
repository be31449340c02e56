import type { NodeId } from '../../host.ts';
import { sliceOf } from '../datanode/range.ts';
import { crc32c } from '../hash.ts';
import type { DataReply, DataRequest } from '../messages/block.ts';
import { ScriptedServer } from './scripted-server.ts';
import type { TestBlock } from './test-blocks.ts';

/** Keeps blocks in memory. */
export class FakeDataNode extends ScriptedServer<DataRequest, DataReply> {
  readonly id: NodeId;
  readonly blocks = new Map<string, TestBlock>();
  /** Writes under an older epoch are fenced off; every refusal tells of it. */
  epoch = 1;

  constructor(id: NodeId) {
    super();
    this.id = id;
  }

  refusal(refusal: Extract<DataReply, { kind: 'block.refused' }>['refusal']): DataReply {
    return { kind: 'block.refused', refusal, epoch: this.epoch, detail: '' };
  }

  protected serve(request: DataRequest): DataReply {
    if (request.kind === 'block.add') {
      if (request.epoch < this.epoch) return this.refusal('stale-epoch');
      const existed = this.blocks.has(request.block.id);
      this.blocks.set(request.block.id, { ref: request.block, bytes: request.body.bytes });
      return { kind: 'block.stored', generation: 1, existed };
    }
    if (request.kind !== 'block.read') return this.refusal('bad-request');
    const block = this.blocks.get(request.id);
    if (block === undefined) return this.refusal('absent');
    const { sizeBytes } = block.ref;
    const slice = sliceOf(request.range ?? { startBytes: 0, lengthBytes: sizeBytes }, sizeBytes, block.bytes.length);
    if (slice === undefined) return this.refusal('bad-request');
    const bytes = block.bytes.subarray(slice.start, slice.end);
    const body = { sizeBytes: slice.sizeBytes, bytes };
    return { kind: 'block.data', body, checksum: crc32c(bytes), generation: 1 };
  }
}
