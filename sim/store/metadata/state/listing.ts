import type { MetadataReply, MetadataRequest } from '../../messages/metadata.ts';
import type { MetadataState } from './state.ts';

/** One page of a listing, of the revision asked for or of the newest. */
export function listPage(
  state: MetadataState,
  request: Extract<MetadataRequest, { kind: 'object.list' }>,
): MetadataReply {
  const { prefix, after, limit, delimiter = '', revision = state.revision } = request;
  const { oldestRevision } = state.objects.history;
  if (revision < oldestRevision) return { kind: 'object.list-compacted', oldestRevision };
  if (revision > state.revision) {
    const detail = `revision: found ${revision}, accepted: ${oldestRevision} to ${state.revision}`;
    return { kind: 'metadata.bad-request', detail };
  }
  const { entries, prefixes, next } = state.objects.list({ prefix, delimiter, after, limit, revision });
  let controlBytes = 16;
  for (const { key } of entries) controlBytes += key.length + 16;
  for (const group of prefixes) controlBytes += group.length + 4;
  return { kind: 'object.page', entries, prefixes, next, revision, controlBytes };
}
