import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Boot, Clock, Disk, Host, Network, NodeId, Random, Timers, Trace, TraceEvent } from '../host.ts';
import { LiveClock, LiveTimers } from './clock.ts';
import type { Address } from './connection.ts';
import { LiveDisk } from './disk.ts';
import { Lifeline } from './lifeline.ts';
import { LiveNetwork } from './network.ts';
import { LiveRandom } from './random.ts';

export interface LiveHostOptions {
  readonly id: NodeId;
  /** Where the process listens once it serves; port 0 takes any that is free. */
  readonly listen: Address;
  /** Where a peer listens; undefined if there is no such node. */
  readonly addressOf: (id: NodeId) => Address | undefined;
  /** A directory of this node's own, made if it is not there. */
  readonly directory: string;
  readonly capacityBytes: number;
  /** Of the random streams; drawn by the operating system if absent. */
  readonly seed?: string;
  readonly onListening?: (address: Address) => void;
  readonly onTrace?: (event: TraceEvent) => void;
  /** The process ended by its own will, or because it could not listen. Whoever supervises it decides what follows. */
  readonly onAborted?: (reason: string) => void;
}

/** One process on this machine's sockets, files and clocks. */
export class LiveHost implements Host {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly network: Network;
  readonly disk: Disk;
  readonly trace: Trace;
  readonly #options: LiveHostOptions;
  readonly #lifeline = new Lifeline();
  readonly #timers: LiveTimers;
  readonly #network: LiveNetwork;
  readonly #disk: LiveDisk;
  #closing: Promise<void> | undefined;

  /** Counts the incarnation and opens the disk; nothing runs yet. See {@link startLive}. */
  constructor(options: LiveHostOptions) {
    this.#options = options;
    this.id = options.id;
    this.incarnation = nextIncarnation(options.directory);
    const lifeline = this.#lifeline;
    this.clock = new LiveClock();
    this.timers = this.#timers = new LiveTimers(lifeline, this.clock);
    this.random = new LiveRandom(options.seed);
    const onListenFailed = (error: Error): void => this.abort(`cannot listen: ${error.message}`);
    this.network = this.#network = new LiveNetwork({ ...options, onListenFailed }, lifeline, this.clock);
    this.disk = this.#disk = new LiveDisk(join(options.directory, 'disk'), options.capacityBytes, lifeline);
    this.trace = {
      emit: (event) => {
        if (!lifeline.ended) options.onTrace?.(event);
      },
    };
  }

  abort(reason: string): void {
    if (this.#lifeline.ended) return;
    void this.close();
    this.#options.onAborted?.(reason);
  }

  /**
   * Ends the process at once: no handler is called any more, connections break, peers see resets. Resolves when
   * the address is free and the files are closed, so that the next incarnation can start.
   */
  close(): Promise<void> {
    this.#lifeline.ended = true;
    this.#timers.close();
    this.#closing ??= Promise.all([this.#network.close(), this.#disk.close()]).then(() => {});
    return this.#closing;
  }
}

/** Starts a process: builds its host and boots the component on it. @throws Error if its directory is of no use. */
export function startLive(options: LiveHostOptions, boot: Boot): LiveHost {
  const host = new LiveHost(options);
  boot(host);
  return host;
}

/** Beside the disk, not on it: a wiped disk does not reset the count. */
function nextIncarnation(directory: string): number {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'incarnation');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '0';
  const last = Number(text);
  if (!Number.isInteger(last) || last < 0 || text.trim() === '') {
    throw new Error(`${path}: expected a whole number of at least 0, found ${JSON.stringify(text)}`);
  }
  writeFileAtomic.sync(path, String(last + 1));
  return last + 1;
}
