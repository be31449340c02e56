import type { NodeId } from '../../../host.ts';
import type { ProposalHandler } from '../log/replicated-log.ts';
import type { CommandResult, ConditionChange, LivenessChange } from '../state/commands.ts';
import type { NodeRecord } from '../state/node-table.ts';
import type { Leader } from './leader.ts';
import { faultInTakingOut } from './zone-guard.ts';

const tagLiveness = 0;
const tagCondition = 1;

/** The part of a round that judges the nodes: alive or not, gray or not, how full. What it finds becomes true through the log. */
export class Judge implements ProposalHandler<CommandResult> {
  readonly #leader: Leader;
  #lastMs: number;
  /** Findings that are on their way through the log; the next are made on their outcome. */
  #found: readonly LivenessChange[] = [];
  #conditions: readonly ConditionChange[] = [];

  constructor(leader: Leader) {
    const nowMs = leader.host.clock.nowMs();
    this.#leader = leader;
    this.#lastMs = nowMs;
    for (const { description, gray } of leader.state.nodes.all()) {
      if (gray) leader.outliers.begin(description.id, nowMs);
    }
    if (leader.safeMode.active) this.#tellOfSafeMode('on', leader.safeMode.words());
  }

  round(): void {
    const { host, detector, state, settings, clock, safeMode } = this.#leader;
    const nowMs = host.clock.nowMs();
    const stalledMs = nowMs - this.#lastMs - settings.planEveryMs;
    this.#lastMs = nowMs;
    if (stalledMs > settings.planEveryMs) detector.excuse(stalledMs);
    const ended = safeMode.end(nowMs);
    if (ended !== undefined) {
      detector.pardon(nowMs);
      this.#tellOfSafeMode('off', ended);
    }
    const nodes = state.nodes.all();
    if (this.#found.length === 0) {
      const atMs = clock.nowMs();
      const changes = detector.judge(nodes, { nowMs, clusterMs: atMs, mayFall: !safeMode.active });
      this.#found = changes;
      if (changes.length > 0) this.#leader.propose({ kind: 'nodes.liveness', atMs, changes }, this, tagLiveness);
    }
    if (this.#conditions.length === 0) {
      const changes = this.#conditionChanges(nodes, nowMs);
      this.#conditions = changes;
      if (changes.length > 0)
        this.#leader.propose({ kind: 'nodes.condition', atMs: clock.nowMs(), changes }, this, tagCondition);
    }
  }

  onApplied(tag: number): void {
    if (tag === tagLiveness) this.#revoke();
    else for (const { node, about, why } of this.#conditions) if (about === 'gray') this.#tellOfGray(node, why);
    this.#forget(tag);
  }

  onProposalFailed(tag: number): void {
    this.#forget(tag);
  }

  #forget(tag: number): void {
    if (tag === tagLiveness) this.#found = [];
    else this.#conditions = [];
  }

  #revoke(): void {
    const { state, log } = this.#leader;
    for (const { node, incarnation, liveness } of this.#found) {
      const record = state.nodes.get(node);
      const applied = record?.liveness === 'down' && record.description.incarnation === incarnation;
      if (liveness === 'down' && applied)
        this.#leader.emit({ kind: 'lease-revoked', node, incarnation, term: log.term });
    }
  }

  #conditionChanges(nodes: readonly NodeRecord[], nowMs: number): readonly ConditionChange[] {
    const { usage } = this.#leader;
    const changes: ConditionChange[] = [];
    for (const record of nodes) {
      if (record.liveness === 'down' || record.membership === 'left') continue;
      const { id: node, incarnation } = record.description;
      const fullness = usage.level(node, record.fullness);
      if (fullness !== undefined && fullness !== record.fullness) {
        const why = usage.words(node);
        changes.push({ node, incarnation, about: 'fullness', fullness, why });
        this.#leader.decide({ by: 'capacity', subject: node, chose: fullness, why, rejected: [] });
      }
      const turned = this.#grayChange(record, nodes, changes, nowMs);
      if (turned !== undefined) changes.push(turned);
    }
    return changes;
  }

  #grayChange(
    record: NodeRecord,
    nodes: readonly NodeRecord[],
    others: readonly ConditionChange[],
    nowMs: number,
  ): ConditionChange | undefined {
    const { outliers, settings } = this.#leader;
    const { id: node, incarnation } = record.description;
    const found = outliers.found(node, nowMs);
    if (record.gray) {
      if (found !== undefined || outliers.leftMs(node, nowMs) > 0) return undefined;
      return { node, incarnation, about: 'gray', gray: false, why: 'nothing was found against it for a while' };
    }
    if (found === undefined) return undefined;
    const isOut = ({ description, liveness, gray }: NodeRecord) =>
      liveness === 'down' ||
      gray ||
      description.id === node ||
      others.some((change) => change.about === 'gray' && change.gray && change.node === description.id);
    const present = nodes.filter(({ membership }) => membership !== 'left');
    const words = { state: 'down or gray', forbidden: 'so' };
    const fault = faultInTakingOut(record, present, isOut, words, settings.zoneGuard);
    if (fault === undefined) {
      outliers.begin(node, nowMs);
      return { node, incarnation, about: 'gray', gray: true, why: found };
    }
    const rejected = [{ option: 'gray', why: fault }];
    this.#leader.decideOnce({ by: 'health', subject: node, chose: 'keep its data traffic', why: found, rejected });
    return undefined;
  }

  #tellOfGray(node: NodeId, why: string): void {
    const gray = this.#leader.state.nodes.get(node)?.gray === true;
    const chose = gray ? 'gray: no data traffic where others can serve' : 'data traffic again';
    this.#leader.decideOnce({ by: 'health', subject: node, chose, why, rejected: [] });
  }

  #tellOfSafeMode(chose: 'on' | 'off', why: string): void {
    this.#leader.decide({ by: 'safe-mode', subject: 'cluster', chose, why, rejected: [] });
  }
}
