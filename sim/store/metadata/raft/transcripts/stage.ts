import { RaftCore, type Ready } from '../core.ts';
import type { Entry, MembershipChange } from '../entry.ts';
import type { RaftMessage } from '../messages.ts';
import { defaultRaftSettings } from '../settings.ts';
import { describeEntry, describeMessage, describeProgress, describeReady, describeRole } from './describe.ts';
import { type Block, option } from './format.ts';

/** A member and its disk. */
interface Actor {
  readonly core: RaftCore;
  disk: readonly Entry[];
}

/** Plays the commands of the interaction transcripts on a group whose network is one list of messages. */
export class Stage {
  readonly #actors = new Map<string, Actor>();
  #network: RaftMessage[] = [];
  #quiet = false;

  /** What the command prints. */
  play(block: Block): readonly string[] {
    const before = this.#quiet;
    const [level] = option(block, 'log-level') ?? [];
    if (level !== undefined) this.#quiet = level === 'none';
    const lines = this.#perform(block);
    const quiet = this.#quiet;
    if (level !== undefined) this.#quiet = before;
    return quiet || lines.length === 0 ? ['ok'] : lines;
  }

  #perform(block: Block): readonly string[] {
    const [node = '', text = ''] = block.words;
    switch (block.command) {
      case 'log-level':
        this.#quiet = node === 'none';
        return [];
      case 'add-nodes':
        for (let i = 0; i < Number(node); i++) this.#add(block);
        return [];
      case 'campaign':
        this.#actor(node).core.campaign();
        return [];
      case 'propose': {
        const taken = this.#actor(node).core.propose({ kind: 'command', text });
        return typeof taken === 'number' ? [] : ['raft proposal dropped'];
      }
      case 'propose-conf-change': {
        const change = parseChange(block.input);
        const taken = this.#actor(node).core.propose({ kind: 'membership', change });
        return typeof taken === 'number' ? [] : ['raft proposal dropped'];
      }
      case 'tick-election':
      case 'tick-heartbeat': {
        const ticks = block.command === 'tick-election' ? electionTicks : 1;
        for (let i = 0; i < ticks; i++) this.#actor(node).core.tick();
        return [];
      }
      case 'process-ready':
        return this.#process(this.#actor(node)) ?? ['<empty Ready>'];
      case 'deliver-msgs': {
        const lines = block.words.flatMap((to) => this.#deliver(to, false));
        for (const to of option(block, 'drop') ?? []) lines.push(...this.#deliver(to, true));
        return lines.length === 0 ? ['no messages'] : lines;
      }
      case 'stabilize':
        return this.#stabilize(block.words.length === 0 ? [...this.#actors.keys()] : block.words);
      case 'compact':
        this.#compact(node, Number(text));
        return this.#actor(node).disk.map(describeEntry);
      case 'raft-log':
        return this.#actor(node).disk.map(describeEntry);
      case 'raft-state':
        return [...this.#actors].map(
          ([id, { core }]) => `${id}: ${describeRole(core.leadership, core.membership.voters.includes(id))}`,
        );
      case 'status':
        return [...(this.#actor(node).core.progress ?? [])].map(([id, progress]) => describeProgress(id, progress));
      default:
        throw new Error(`transcript: found ${block.command}, which this stage does not know`);
    }
  }

  #add(block: Block): void {
    const id = String(this.#actors.size + 1);
    const index = Number(option(block, 'index')?.[0] ?? 0);
    const settings = {
      ...defaultRaftSettings,
      electionTicks,
      preVote: option(block, 'prevote')?.[0] === 'true',
      checkQuorum: option(block, 'checkquorum')?.[0] === 'true',
      stepDownOnRemoval: false,
      maxInflight: Number(option(block, 'inflight')?.[0] ?? Number.POSITIVE_INFINITY),
      maxAppendBytes: Number.POSITIVE_INFINITY,
    };
    const start = {
      index,
      term: index > 0 ? 1 : 0,
      commit: index,
      entries: [],
      currentTerm: 0,
      vote: undefined,
      voters: option(block, 'voters') ?? [],
      learners: [],
    };
    const core = new RaftCore(id, settings, { below: () => 0 }, { records: () => [] }, start);
    this.#actors.set(id, { core, disk: [] });
  }

  #process(actor: Actor): readonly string[] | undefined {
    const ready = actor.core.ready();
    if (ready === undefined) return undefined;
    actor.disk = written(actor.disk, ready);
    this.#network.push(...ready.messages);
    for (const { index, payload } of ready.committed) {
      actor.core.appliedTo(index);
      if (payload.kind === 'membership') actor.core.applyMembership(payload.change);
    }
    actor.core.advance();
    return describeReady(ready);
  }

  #deliver(to: string, drop: boolean): readonly string[] {
    const lines: string[] = [];
    const mail = this.#network.filter((message) => message.to === to);
    this.#network = this.#network.filter((message) => message.to !== to);
    for (const message of mail) {
      const [first = '', ...rest] = describeMessage(message);
      lines.push((drop ? 'dropped: ' : '') + first, ...rest);
      if (!drop) this.#actor(to).core.receive(message);
    }
    return lines;
  }

  #stabilize(nodes: readonly string[]): readonly string[] {
    const lines: string[] = [];
    for (let before = -1; before !== lines.length; ) {
      before = lines.length;
      for (const node of nodes) {
        const ready = this.#process(this.#actor(node));
        if (ready !== undefined) lines.push(`> ${node} handling Ready`, ...ready.map(indented));
      }
      for (const node of nodes) {
        const mail = this.#deliver(node, false);
        if (mail.length > 0) lines.push(`> ${node} receiving messages`, ...mail.map(indented));
      }
    }
    return lines;
  }

  #compact(node: string, index: number): void {
    const actor = this.#actor(node);
    actor.core.compactTo(index);
    actor.disk = actor.disk.filter((entry) => entry.index > index);
  }

  #actor(node: string): Actor {
    const actor = this.#actors.get(node);
    if (actor === undefined) throw new Error(`transcript: found node ${node}, which was not added`);
    return actor;
  }
}

/** Of the transcripts; heartbeats come with each tick. */
const electionTicks = 3;

function written(disk: readonly Entry[], { entries, snapshot }: Ready): readonly Entry[] {
  const kept = snapshot === undefined ? disk : [];
  const [first] = entries;
  return first === undefined ? kept : [...kept.filter((entry) => entry.index < first.index), ...entries];
}

function parseChange(input: readonly string[]): MembershipChange {
  const match = /^([vr])(\d+)$/.exec(input.join(' '));
  if (match === null) throw new Error(`transcript: found change ${input.join(' ')}, accepted: one of v1, r1`);
  return { op: match[1] === 'v' ? 'add' : 'remove', node: match[2] ?? '' };
}

function indented(line: string): string {
  return `  ${line}`;
}
