import { connect, type Socket } from 'node:net';
import { encodeFrame, type Frame, FrameReader } from './frame.ts';

/** Where a node listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a connection's owner is told. */
export interface ConnectionOwner {
  onFrame(frame: Frame, connection: Connection): void;
  /** Once, when it is of no more use; `established` tells whether it ever was. */
  onClosed(connection: Connection, established: boolean): void;
}

/** More than this waiting to be sent means that the peer does not keep up. */
const MOST_QUEUED_BYTES = 64 * 1024 * 1024;

/** A connection to a peer that carries frames, in order, until it breaks. */
export class Connection {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #reader = new FrameReader();
  #established: boolean;
  #closed = false;

  /** Takes over a socket that is connected, or is about to be. */
  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#established = !socket.connecting;
    socket.setNoDelay(true);
    socket.on('connect', () => {
      this.#established = true;
    });
    socket.on('data', (piece) => this.#receive(piece));
    // The close that follows says all that matters.
    socket.on('error', () => {});
    socket.on('close', () => this.#finish());
    // A peer that has ended its side will not answer any more.
    socket.on('end', () => socket.destroy());
  }

  static to(address: Address, owner: ConnectionOwner): Connection {
    return new Connection(connect(address), owner);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends a frame; false if it could not even be queued. */
  send(frame: Frame): boolean {
    if (this.#closed || this.#socket.writableLength > MOST_QUEUED_BYTES) return false;
    this.#socket.cork();
    for (const piece of encodeFrame(frame)) this.#socket.write(piece);
    this.#socket.uncork();
    return true;
  }

  /** Breaks it off at once; the owner is told. */
  destroy(): void {
    this.#socket.destroy();
    this.#finish();
  }

  #receive(piece: Buffer): void {
    let frames: Frame[];
    try {
      frames = this.#reader.push(piece);
    } catch {
      // It does not speak the protocol: whatever is open on it is reset.
      this.destroy();
      return;
    }
    for (const frame of frames) if (!this.#closed) this.#owner.onFrame(frame, this);
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.onClosed(this, this.#established);
  }
}
