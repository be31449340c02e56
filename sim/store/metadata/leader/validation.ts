import type { Message } from '../../../host.ts';
import { writeUtf8 } from '../../hash.ts';
import type { HealthReport, MetadataRequest, PauseScope } from '../../messages/metadata.ts';
import type { Heartbeat, NodeDescription, NodeInventory } from '../../messages/node.ts';
import type { BlockRef, Condition } from '../../model.ts';
import type { MetadataSettings } from '../config.ts';
import { parseSerial } from '../state/serial.ts';

const mostKeyBytes = 1_024;
const mostListed = 1_000;
const mostTokenLength = 256;
const pauseScopes: readonly PauseScope[] = ['rebalance', 'repair', 'all'];
const aCount = 'a whole number, 0 or more';

const requestKinds: ReadonlySet<string> = new Set<MetadataRequest['kind']>([
  'object.lookup',
  'object.commit',
  'object.copy',
  'object.delete',
  'object.list',
  'map.get',
  'blocks.confirmed',
  'health.report',
  'node.register',
  'node.heartbeat',
  'node.inventory',
  'node.leave',
  'admin.drain',
  'admin.undrain',
  'admin.weight',
  'admin.member',
  'admin.lead',
  'admin.pause',
  'admin.scrub',
  'admin.plan',
  'admin.trace',
  'admin.status',
  'admin.lost',
]);

/** Whether a message is a request to the metadata service; its fields are still to be checked. */
export function isMetadataRequest(message: Message): message is MetadataRequest {
  return requestKinds.has(message.kind);
}

/** What is wrong with a request, in words: the field, what was found, what is accepted. Undefined if it is sound. */
export function faultInRequest(request: MetadataRequest, settings: MetadataSettings): string | undefined {
  switch (request.kind) {
    case 'object.lookup':
      return faultInKey(request.key) ?? faultInBound(request.staleWithinMs);
    case 'object.commit':
      return (
        faultInKey(request.key) ??
        faultInToken(request.token) ??
        faultInCondition(request.condition) ??
        faultInBlocks(request.blocks, request.acked, request.sizeBytes, settings)
      );
    case 'object.delete':
      return faultInKey(request.key) ?? faultInToken(request.token) ?? faultInCondition(request.condition);
    case 'object.copy':
      return (
        faultInKey(request.key) ??
        faultInKey(request.from, 'from') ??
        faultInToken(request.token) ??
        faultInCondition(request.condition)
      );
    case 'object.list':
      return faultInList(request);
    case 'map.get':
      return isCount(request.knownEpoch) ? undefined : fault('knownEpoch', request.knownEpoch, aCount);
    case 'health.report':
      return faultInReport(request);
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
    case 'node.inventory':
      return faultInInventory(request, settings);
    case 'node.leave':
      if (typeof request.id !== 'string' || request.id === '') return fault('id', request.id, 'text');
      return isCount(request.incarnation) ? undefined : fault('incarnation', request.incarnation, aCount);
    case 'admin.undrain':
      return faultInEpoch(request.epoch);
    case 'admin.pause':
      if (!pauseScopes.includes(request.what)) return fault('what', request.what, pauseScopes.join(', '));
      return typeof request.paused === 'boolean'
        ? faultInEpoch(request.epoch)
        : fault('paused', request.paused, 'true or false');
    case 'admin.trace':
      return faultInKey(request.key);
    case 'admin.member':
      if (request.change !== 'add' && request.change !== 'remove')
        return fault('change', request.change, 'add or remove');
      return faultInMember('member', request.member) ?? faultInEpoch(request.epoch);
    case 'admin.lead':
      return faultInMember('to', request.to) ?? faultInEpoch(request.epoch);
    case 'admin.scrub':
      return request.node === undefined || (typeof request.node === 'string' && request.node !== '')
        ? undefined
        : fault('node', request.node, 'the name of a data node, or none for all');
    case 'admin.plan':
    case 'admin.status':
    case 'admin.lost':
      return undefined;
  }
}

function faultInKey(key: string, field = 'key'): string | undefined {
  if (typeof key !== 'string' || key.length === 0) return fault(field, key, `1 to ${mostKeyBytes} bytes of UTF-8`);
  // Three bytes a unit is the most, so short keys need not be counted.
  if (key.length * 3 <= mostKeyBytes) return undefined;
  const bytes = key.length > mostKeyBytes ? key.length : writeUtf8(key, new Uint8Array(key.length * 3));
  return bytes <= mostKeyBytes
    ? undefined
    : fault(field, `${bytes} bytes or more`, `1 to ${mostKeyBytes} bytes of UTF-8`);
}

function faultInToken(token: string): string | undefined {
  const sound = typeof token === 'string' && token.length <= mostTokenLength && parseSerial(token) !== undefined;
  const accepted = `<client>.<incarnation>.<counter> of at most ${mostTokenLength} characters`;
  return sound ? undefined : fault('token', token, accepted);
}

function faultInList(request: Extract<MetadataRequest, { kind: 'object.list' }>): string | undefined {
  const { prefix, after, limit, delimiter, revision } = request;
  if (typeof prefix !== 'string') return fault('prefix', prefix, 'text');
  if (typeof after !== 'string') return fault('after', after, 'text');
  if (!isCount(limit) || limit < 1 || limit > mostListed) return fault('limit', limit, `1 to ${mostListed}`);
  if (delimiter !== undefined && typeof delimiter !== 'string') return fault('delimiter', delimiter, 'text');
  return revision === undefined || isCount(revision) ? undefined : fault('revision', revision, aCount);
}

function faultInReport({ windowMs, gets, nodes }: HealthReport): string | undefined {
  if (!(windowMs > 0)) return fault('windowMs', windowMs, 'a number above 0');
  if (!isCount(gets)) return fault('gets', gets, aCount);
  for (const { node, attempts, failures, timeouts } of nodes) {
    if (!isCount(attempts)) return fault(`attempts at ${node}`, attempts, aCount);
    if (!isCount(failures) || failures > attempts) return fault(`failures of ${node}`, failures, `0 to ${attempts}`);
    if (!isCount(timeouts) || timeouts > attempts) return fault(`timeouts of ${node}`, timeouts, `0 to ${attempts}`);
  }
  return undefined;
}

function faultInInventory({ partition, incarnation, blocks }: NodeInventory, settings: MetadataSettings) {
  if (!isPartition(partition, settings)) return fault('partition', partition, partitionRange(settings));
  if (!isCount(incarnation)) return fault('incarnation', incarnation, aCount);
  for (const { id, ageMs } of blocks) if (!(ageMs >= 0)) return fault(`ageMs of ${id}`, ageMs, 'a number, 0 or more');
  return undefined;
}

function faultInCondition(condition: Condition): string | undefined {
  switch (condition.kind) {
    case 'none':
    case 'if-absent':
      return undefined;
    case 'if-generation':
      return isCount(condition.generation) ? undefined : fault('condition.generation', condition.generation, aCount);
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
  if (!isCount(sizeBytes)) return fault('sizeBytes', sizeBytes, aCount);
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
  if (!isCount(node.incarnation)) return fault('node.incarnation', node.incarnation, aCount);
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
  return epoch === 'any' || isCount(epoch) ? undefined : fault('epoch', epoch, `${aCount}, or 'any'`);
}

function faultInBound(staleWithinMs: number | undefined): string | undefined {
  const sound = staleWithinMs === undefined || staleWithinMs >= 0;
  return sound ? undefined : fault('staleWithinMs', staleWithinMs, 'a number, 0 or more');
}

function faultInMember(field: string, member: string): string | undefined {
  return typeof member === 'string' && member !== '' ? undefined : fault(field, member, 'the name of a metadata node');
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
