import type { Message } from '../../../host.ts';
import { writeUtf8 } from '../../hash.ts';
import type { MetadataRequest } from '../../messages/metadata.ts';
import type { Heartbeat, NodeDescription } from '../../messages/node.ts';
import type { BlockRef, Condition } from '../../model.ts';
import type { MetadataSettings } from '../config.ts';

const mostKeyBytes = 1_024;
const mostListed = 1_000;
const mostTokenLength = 256;

const requestKinds: ReadonlySet<string> = new Set<MetadataRequest['kind']>([
  'object.lookup',
  'object.commit',
  'object.delete',
  'object.list',
  'map.get',
  'blocks.confirmed',
  'node.register',
  'node.heartbeat',
  'admin.drain',
  'admin.weight',
  'admin.status',
]);

/** Whether a message is a request to the metadata service; its fields are still to be checked. */
export function isMetadataRequest(message: Message): message is MetadataRequest {
  return requestKinds.has(message.kind);
}

/** What is wrong with a request, in words: the field, what was found, what is accepted. Undefined if it is sound. */
export function faultInRequest(request: MetadataRequest, settings: MetadataSettings): string | undefined {
  switch (request.kind) {
    case 'object.lookup':
      return faultInKey(request.key);
    case 'object.commit':
      return (
        faultInKey(request.key) ??
        faultInToken(request.token) ??
        faultInCondition(request.condition) ??
        faultInBlocks(request.blocks, request.acked, request.sizeBytes, settings)
      );
    case 'object.delete':
      return faultInKey(request.key) ?? faultInToken(request.token) ?? faultInCondition(request.condition);
    case 'object.list':
      if (typeof request.prefix !== 'string') return fault('prefix', request.prefix, 'text');
      if (typeof request.after !== 'string') return fault('after', request.after, 'text');
      return isCount(request.limit) && request.limit >= 1 && request.limit <= mostListed
        ? undefined
        : fault('limit', request.limit, `1 to ${mostListed}`);
    case 'map.get':
      return isCount(request.knownEpoch)
        ? undefined
        : fault('knownEpoch', request.knownEpoch, 'a whole number, 0 or more');
    case 'blocks.confirmed':
      for (const { id, partition } of request.confirmed) {
        if (!isPartition(partition, settings)) return fault(`partition of ${id}`, partition, partitionRange(settings));
      }
      return undefined;
    case 'node.register':
      return faultInNode(request.node, settings);
    case 'node.heartbeat':
      return faultInBeat(request, settings);
    case 'admin.drain':
      return faultInEpoch(request.epoch);
    case 'admin.weight':
      return request.weight > 0 && Number.isFinite(request.weight)
        ? faultInEpoch(request.epoch)
        : fault('weight', request.weight, 'a finite number above 0');
    case 'admin.status':
      return undefined;
  }
}

function faultInKey(key: string): string | undefined {
  if (typeof key !== 'string' || key.length === 0) return fault('key', key, `1 to ${mostKeyBytes} bytes of UTF-8`);
  // Three bytes a unit is the most, so short keys need not be counted.
  if (key.length * 3 <= mostKeyBytes) return undefined;
  const bytes = key.length > mostKeyBytes ? key.length : writeUtf8(key, new Uint8Array(key.length * 3));
  return bytes <= mostKeyBytes
    ? undefined
    : fault('key', `${bytes} bytes or more`, `1 to ${mostKeyBytes} bytes of UTF-8`);
}

function faultInToken(token: string): string | undefined {
  const sound = typeof token === 'string' && token.length > 0 && token.length <= mostTokenLength;
  return sound ? undefined : fault('token', token, `1 to ${mostTokenLength} characters`);
}

function faultInCondition(condition: Condition): string | undefined {
  switch (condition.kind) {
    case 'none':
    case 'if-absent':
      return undefined;
    case 'if-generation':
      return isCount(condition.generation)
        ? undefined
        : fault('condition.generation', condition.generation, 'a whole number, 0 or more');
    default:
      return fault('condition.kind', Reflect.get(condition, 'kind'), 'none, if-absent or if-generation');
  }
}

function faultInBlocks(
  blocks: readonly BlockRef[],
  acked: readonly (readonly string[])[],
  sizeBytes: number,
  settings: MetadataSettings,
): string | undefined {
  if (!isCount(sizeBytes)) return fault('sizeBytes', sizeBytes, 'a whole number, 0 or more');
  if (acked.length !== blocks.length)
    return fault('acked', `${acked.length} lists`, `one for each of ${blocks.length} blocks`);
  let total = 0;
  for (const [position, block] of blocks.entries()) {
    const at = `blocks[${position}]`;
    if (typeof block.id !== 'string' || block.id.length === 0) return fault(`${at}.id`, block.id, 'text');
    if (!isPartition(block.partition, settings))
      return fault(`${at}.partition`, block.partition, partitionRange(settings));
    if (!isCount(block.sizeBytes)) return fault(`${at}.sizeBytes`, block.sizeBytes, 'a whole number, 0 or more');
    const nodes = new Set(acked[position]).size;
    if (nodes < settings.writeQuorum)
      return fault(`acked[${position}]`, `${nodes} nodes`, `at least ${settings.writeQuorum}`);
    total += block.sizeBytes;
  }
  if (blocks.length > 1 && new Set(blocks.map((block) => block.id)).size < blocks.length)
    return fault('blocks', 'an id twice', 'distinct ids');
  return total === sizeBytes ? undefined : fault('sizeBytes', sizeBytes, `the sum over the blocks, ${total}`);
}

function faultInNode(node: NodeDescription, settings: MetadataSettings): string | undefined {
  for (const field of ['id', 'diskId', 'zone', 'rack', 'host'] as const) {
    if (typeof node[field] !== 'string' || node[field] === '') return fault(`node.${field}`, node[field], 'text');
  }
  const { zones } = settings;
  if (zones.length > 0 && !zones.includes(node.zone)) return fault('node.zone', node.zone, zones.join(', '));
  if (!(node.weight > 0 && Number.isFinite(node.weight)))
    return fault('node.weight', node.weight, 'a finite number above 0');
  if (!(node.capacityBytes > 0)) return fault('node.capacityBytes', node.capacityBytes, 'a number above 0');
  if (!isCount(node.incarnation)) return fault('node.incarnation', node.incarnation, 'a whole number, 0 or more');
  return undefined;
}

function faultInBeat(beat: Heartbeat, settings: MetadataSettings): string | undefined {
  if (!(beat.usedBytes >= 0)) return fault('usedBytes', beat.usedBytes, 'a number, 0 or more');
  if (!(beat.capacityBytes > 0)) return fault('capacityBytes', beat.capacityBytes, 'a number above 0');
  for (const { id, partition } of beat.corrupt) {
    if (!isPartition(partition, settings))
      return fault(`partition of corrupt ${id}`, partition, partitionRange(settings));
  }
  return undefined;
}

function faultInEpoch(epoch: number | 'any'): string | undefined {
  return epoch === 'any' || isCount(epoch) ? undefined : fault('epoch', epoch, "a whole number, 0 or more, or 'any'");
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isPartition(partition: number, settings: MetadataSettings): boolean {
  return isCount(partition) && partition < settings.partitions;
}

function partitionRange(settings: MetadataSettings): string {
  return `0 to ${settings.partitions - 1}`;
}

function fault(field: string, found: unknown, accepted: string): string {
  const shown = typeof found === 'string' && found.length > 60 ? `${found.slice(0, 60)}…` : found;
  return `${field}: found ${JSON.stringify(shown) ?? 'nothing'}, accepted: ${accepted}`;
}
