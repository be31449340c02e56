import type { NodeId } from '../../../host.ts';
import type { AdminLosses, AdminPlanned, AdminState } from '../../messages/admin.ts';
import { type MetadataReply, type MetadataRequest, mapBytes } from '../../messages/metadata.ts';
import { traceKey } from './key-trace.ts';
import type { Leader } from './leader.ts';
import { nodeStatuses } from './node-status.ts';
import type { PlacementTargets } from './placement-targets.ts';

/** What operators ask, and what they order that changes nothing in the state: no entry of the log is needed. */
export type AdminQuestion = Extract<
  MetadataRequest,
  { kind: 'admin.status' | 'admin.plan' | 'admin.trace' | 'admin.lost' | 'admin.scrub' }
>;

export function isAdminQuestion(request: MetadataRequest): request is AdminQuestion {
  switch (request.kind) {
    case 'admin.status':
    case 'admin.plan':
    case 'admin.trace':
    case 'admin.lost':
    case 'admin.scrub':
      return true;
    default:
      return false;
  }
}

/** What the leader would do now. */
export interface Forecaster {
  /** The moves of one round with unlimited tokens, and what they would bring. Changes nothing. */
  planNow(): Pick<AdminPlanned, 'moves' | 'before' | 'after'>;
  readonly targets: PlacementTargets;
}

/** Answers operators: what there is, why it is so, and what would happen next. */
export class AdminDesk {
  readonly #leader: Leader;
  readonly #forecaster: Forecaster;

  constructor(leader: Leader, forecaster: Forecaster) {
    this.#leader = leader;
    this.#forecaster = forecaster;
  }

  /** The state is current. */
  answer(request: AdminQuestion): MetadataReply {
    const { state, clock } = this.#leader;
    switch (request.kind) {
      case 'admin.status':
        return this.#status();
      case 'admin.plan': {
        const plan = this.#forecaster.planNow();
        return { kind: 'admin.planned', epoch: state.map.epoch, ...plan, controlBytes: 32 + 64 * plan.moves.length };
      }
      case 'admin.trace': {
        const targets = this.#forecaster.targets.for(state.nodes.all());
        const trace = traceKey(state, request.key, targets, clock.nowMs());
        return { kind: 'admin.traced', ...trace, controlBytes: 64 + 256 * trace.blocks.length };
      }
      case 'admin.lost':
        return this.#losses();
      case 'admin.scrub':
        return this.#scrub(request.node);
    }
  }

  #status(): AdminState {
    const { state } = this.#leader;
    let garbageBlocks = 0;
    let lostBlocks = 0;
    for (const { garbage, lost } of state.partitions) {
      garbageBlocks += garbage.size;
      lostBlocks += lost.size;
    }
    const nodes = nodeStatuses(this.#leader);
    return {
      kind: 'admin.state',
      map: state.map,
      objects: state.objects.size,
      openMoves: state.moves.size,
      tombstones: state.objects.tombstones.size,
      garbageBlocks,
      condemnedBlocks: state.condemned.size,
      lostBlocks,
      paused: state.paused,
      nodes,
      controlBytes: mapBytes(state.map) + 128 * nodes.length,
    };
  }

  #scrub(wanted: NodeId | undefined): MetadataReply {
    const { state, outbox, ids } = this.#leader;
    const alive = state.nodes.all().flatMap(({ description, liveness }) => (liveness === 'down' ? [] : description.id));
    const nodes = wanted === undefined ? alive : alive.filter((id) => id === wanted);
    if (nodes.length === 0) {
      const detail = `node: found ${wanted ?? 'none that is not down'}, accepted: ${alive.join(', ')}`;
      return { kind: 'admin.refused', detail };
    }
    for (const node of nodes) {
      const isOrdered = [...outbox.waiting(node)].some(({ kind }) => kind === 'scrub');
      if (!isOrdered) outbox.add(node, { kind: 'scrub', commandId: ids.next() });
    }
    return { kind: 'admin.done', epoch: state.map.epoch };
  }

  /** Losses are rare and asked for by people, so all objects are looked through for whose they are. */
  #losses(): AdminLosses {
    const { state } = this.#leader;
    const keys = new Map<string, string[]>();
    for (const { lost } of state.partitions) for (const id of lost) keys.set(id, []);
    if (keys.size > 0) {
      for (const { key, blocks } of state.objects.versions()) for (const { id } of blocks) keys.get(id)?.push(key);
    }
    const blocks = state.partitions.flatMap(({ number, lost, blocks: known }) => {
      return [...lost].map((id) => {
        return { id, partition: number, sizeBytes: known.get(id)?.sizeBytes ?? 0, keys: keys.get(id) ?? [] };
      });
    });
    return { kind: 'admin.losses', blocks, controlBytes: 16 + 64 * blocks.length };
  }
}
