import type { Host } from '../../host.ts';
import type { MetadataReply } from '../messages/metadata.ts';
import type { NodeDescription } from '../messages/node.ts';
import { MetadataChannel } from '../metadata/channel.ts';
import type { BlockService } from './block-service.ts';
import { CommandExecutor, type ExecutorListener } from './command-executor.ts';
import { Departure, type DepartureListener } from './departure.ts';
import { type BeatListener, HeartbeatLoop } from './heartbeat.ts';
import { PeerHealth } from './peer-health.ts';
import { type Registered, Registration, type RegistrationListener } from './registration.ts';
import type { Scrubber } from './scrubber.ts';

/** The node's side of its membership: registers, keeps its lease alive, carries out orders, registers again when unknown. */
export class MetadataAgent implements RegistrationListener, BeatListener, ExecutorListener, DepartureListener {
  readonly #service: BlockService;
  readonly #registration: Registration;
  readonly #heartbeat: HeartbeatLoop;
  readonly executor: CommandExecutor;
  readonly departure: Departure;

  constructor(host: Host, service: BlockService, scrubber: Scrubber, node: NodeDescription) {
    const { config, log, health, fence } = service;
    const peers = new PeerHealth(host.clock, config.unreachableMs);
    const channel = new MetadataChannel(host, config);
    this.#service = service;
    this.executor = new CommandExecutor({ log, health, fence, peers, scrubber }, channel, this);
    this.departure = new Departure(host, channel, config.leaveEveryMs, this);
    this.#registration = new Registration(host, channel, node, config.registerTimeoutMs, this);
    this.#heartbeat = new HeartbeatLoop(host, channel, service, this.executor, peers, this);
  }

  start(): void {
    this.#registration.start();
  }

  onRegistered(reply: Registered, sentAtMs: number): void {
    const { lease, fence } = this.#service;
    lease.renew(sentAtMs, reply.leaseMs);
    fence.onRegistered(reply.epoch);
    this.#heartbeat.start(reply.heartbeatMs);
  }

  onBeat(reply: MetadataReply, sentAtMs: number): void {
    const { lease, fence } = this.#service;
    if (reply.kind === 'node.beat') {
      lease.renew(sentAtMs, reply.leaseMs);
      fence.learn(reply.epoch);
      this.executor.execute(reply.commands);
    } else if (reply.kind === 'node.unknown') {
      lease.lose();
      this.#heartbeat.stop();
      // One that has left is not known any more, and need not be.
      if (this.departure.state !== 'released') this.#registration.start();
    }
  }

  /** It beats on: whoever runs it decides when it stops. */
  onReleased(): void {}

  onNews(): void {
    this.#heartbeat.beatNow();
  }
}
