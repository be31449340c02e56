import type { Message, NodeId } from '../../host.ts';
import type { MetadataReply, MetadataRequest } from '../messages/metadata.ts';
import type { ClusterMap, ObjectVersion } from '../model.ts';
import { ScriptedServer } from './scripted-server.ts';

type Change = Extract<MetadataRequest, { kind: 'object.commit' | 'object.delete' | 'object.copy' }>;
type ListRequest = Extract<MetadataRequest, { kind: 'object.list' }>;

/** Knows a map and objects; a repeated token gives the first answer. */
export class FakeMetadata extends ScriptedServer<MetadataRequest, MetadataReply> {
  map: ClusterMap;
  readonly objects = new Map<string, ObjectVersion>();
  readonly confirmed: string[] = [];
  readonly #answers = new Map<string, MetadataReply>();
  /** Listings of older revisions are refused. */
  oldestRevision = 0;
  /** What there was, by revision. */
  readonly #history: ReadonlyMap<string, ObjectVersion>[] = [new Map()];
  #generation = 0;

  constructor(map: ClusterMap) {
    super();
    this.map = map;
  }

  /** Tells of the map's epoch, as metadata does after a change. */
  announce(...to: readonly NodeId[]): void {
    for (const id of to) this.host?.network.send(id, { kind: 'map.changed', epoch: this.map.epoch } as Message);
  }

  heardKinds(): string[] {
    return this.heard.map(({ kind }) => kind);
  }

  serve(request: MetadataRequest): MetadataReply {
    switch (request.kind) {
      case 'map.get':
        if (request.knownEpoch >= this.map.epoch) return { kind: 'map.unchanged', epoch: this.map.epoch };
        return { kind: 'map', map: this.map, controlBytes: 100 };
      case 'object.lookup': {
        const version = this.objects.get(request.key);
        return version === undefined ? { kind: 'object.missing', key: request.key } : { kind: 'object.found', version };
      }
      case 'object.commit':
      case 'object.copy':
      case 'object.delete': {
        const answer = this.#answers.get(request.token) ?? this.#change(request);
        this.#answers.set(request.token, answer);
        return answer;
      }
      case 'object.list':
        return this.#list(request);
      case 'blocks.confirmed':
        for (const { id, node } of request.confirmed) this.confirmed.push(`${id} on ${node}`);
        return { kind: 'blocks.noted' };
      default:
        return { kind: 'metadata.bad-request', detail: request.kind };
    }
  }

  #change(request: Change): MetadataReply {
    const { key, condition } = request;
    const generation = this.objects.get(key)?.generation ?? 0;
    const wanted = condition.kind === 'if-generation' ? condition.generation : 0;
    const source = request.kind === 'object.copy' ? this.objects.get(request.from) : undefined;
    if (request.kind === 'object.copy' && source === undefined) return { kind: 'object.missing', key: request.from };
    if (condition.kind !== 'none' && wanted !== generation) return { kind: 'object.precondition-failed', generation };
    this.#generation += 1;
    const answer = this.#apply(request, source, this.#generation);
    this.#history.push(new Map(this.objects));
    return answer;
  }

  #apply(request: Change, source: ObjectVersion | undefined, generation: number): MetadataReply {
    const { key } = request;
    if (request.kind === 'object.delete')
      return { kind: 'object.deleted', generation, existed: this.objects.delete(key) };
    const content = request.kind === 'object.commit' ? request : source;
    if (content !== undefined)
      this.objects.set(key, { key, generation, sizeBytes: content.sizeBytes, blocks: content.blocks });
    return { kind: 'object.committed', generation };
  }

  #list({ prefix, after, limit, delimiter = '', revision = this.#generation }: ListRequest): MetadataReply {
    if (revision < this.oldestRevision) return { kind: 'object.list-compacted', oldestRevision: this.oldestRevision };
    const items = new Map<string, ObjectVersion | undefined>();
    for (const [key, version] of this.#history[revision] ?? []) {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      const item = end < 0 ? key : key.slice(0, end + delimiter.length);
      if (key.startsWith(prefix) && item > after) items.set(item, end < 0 ? version : undefined);
    }
    const page = [...items.keys()].sort().slice(0, limit);
    return {
      kind: 'object.page',
      entries: page.flatMap((item) => items.get(item) ?? []),
      prefixes: page.filter((item) => items.get(item) === undefined),
      next: page.length < items.size ? page.at(-1) : undefined,
      revision,
      controlBytes: 10,
    };
  }
}
