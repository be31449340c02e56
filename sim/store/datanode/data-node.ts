import type { Boot, FileInfo, Host } from '../../host.ts';
import { BlockService } from './block-service.ts';
import { Compactor } from './compactor.ts';
import type { DataNodeConfig } from './config.ts';
import { EpochFence } from './epoch-fence.ts';
import { type HeldBlock, heldBlocks } from './held-block.ts';
import { Lease } from './lease.ts';
import { LoadMeter } from './load-meter.ts';
import type { BlockLog } from './log.ts';
import { MetadataAgent } from './metadata-agent.ts';
import { Scrubber } from './scrubber.ts';
import { type OpenedDisk, StartUp } from './start-up.ts';
import { UpkeepPace } from './upkeep-pace.ts';

/** Whether a node belongs: `leaving` from {@link DataNode.leave} until nothing that it holds is needed any more. */
export type Stay = 'staying' | 'leaving' | 'released';

/** One process of a data node: opens its disk, serves blocks, and only then registers with the metadata service. */
export class DataNode {
  readonly #host: Host;
  readonly #config: DataNodeConfig;
  #log: BlockLog | undefined;
  #agent: MetadataAgent | undefined;
  #leaves = false;

  constructor(host: Host, config: DataNodeConfig) {
    this.#host = host;
    this.#config = config;
  }

  /** Until the disk is open, calls to the node are refused. */
  start(): void {
    new StartUp(this.#host, this.#config, (disk) => this.#onOpened(disk)).start();
  }

  /**
   * Asks metadata to move all that is here elsewhere. The node serves on until {@link stay} is `released`; then whoever
   * runs it may stop it. It can't be taken back from here.
   */
  leave(): void {
    this.#leaves = true;
    this.#agent?.departure.start();
  }

  get stay(): Stay {
    if (this.#agent?.departure.state === 'released') return 'released';
    return this.#leaves ? 'leaving' : 'staying';
  }

  /** Everything that is here; nothing until the disk is open. Changes nothing. */
  inventory(): Iterable<HeldBlock> {
    return this.#log === undefined ? [] : heldBlocks(this.#log);
  }

  /** By file of the log, what it is charged for by the log's own account; undefined until the disk is open. */
  charges(): ReadonlyMap<string, number> | undefined {
    return this.#log && new Map(this.#log.segments.map(({ file, chargedBytes }) => [file, chargedBytes]));
  }

  #onOpened({ diskId, log, health, files }: OpenedDisk): void {
    const host = this.#host;
    const config = this.#config;
    this.#log = log;
    const lease = new Lease(host.clock, health);
    const meter = new LoadMeter(host.clock);
    const service = new BlockService(config, log, health, lease, new EpochFence(health), meter);
    this.#compactor(service).start();
    host.network.serve(service);
    const scrubber = this.#scrubber(service, files);
    scrubber.start();
    this.#agent = new MetadataAgent(host, service, scrubber, {
      id: host.id,
      diskId,
      incarnation: host.incarnation,
      zone: config.zone,
      rack: config.rack,
      host: config.host,
      weight: config.weight,
      capacityBytes: host.disk.capacityBytes,
    });
    this.#agent.start();
    if (this.#leaves) this.#agent.departure.start();
  }

  #compactor(service: BlockService): Compactor {
    const { compactionBytesPerSecond, compactionPatienceMs, yieldAboveInFlight } = this.#config;
    const limits = {
      bytesPerSecond: compactionBytesPerSecond,
      patienceMs: compactionPatienceMs,
      yieldAboveInFlight,
    };
    return new Compactor(service.log, service.health, new UpkeepPace(this.#host, service, limits));
  }

  #scrubber(service: BlockService, files: readonly FileInfo[]): Scrubber {
    const { scrubBytesPerSecond, scrubPatienceMs, yieldAboveInFlight } = this.#config;
    const limits = { bytesPerSecond: scrubBytesPerSecond, patienceMs: scrubPatienceMs, yieldAboveInFlight };
    return new Scrubber(service.log, service.health, new UpkeepPace(this.#host, service, limits), files);
  }
}

/** Boots a data node at each start of its process. `onStarted` is given the node, to look into it and to ask it to leave. */
export function dataNode(config: DataNodeConfig, onStarted?: (node: DataNode) => void): Boot {
  return (host) => {
    const node = new DataNode(host, config);
    onStarted?.(node);
    node.start();
  };
}
