import { z } from 'zod';
import type { Message } from '../host.ts';

/**
 * What goes over a connection. On the wire: two unsigned 32-bit big-endian lengths, a JSON header of the first
 * length, and the real bytes of the message's body of the second.
 */
export type Frame =
  /** First on every connection: who calls. */
  | { readonly type: 'hello'; readonly from: string }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'request'; readonly call: number; readonly timeoutMs: number; readonly message: Message }
  | { readonly type: 'reply'; readonly call: number; readonly message: Message }
  /** The caller gives up. */
  | { readonly type: 'abort'; readonly call: number };

const PREFIX_BYTES = 8;
/** A peer that announces more is broken, and is cut off. */
const LARGEST_HEADER_BYTES = 64 * 1024 * 1024;
const LARGEST_BODY_BYTES = 1024 * 1024 * 1024;

const call = z.number().int().positive();
/** The body's bytes travel behind the header; here is only its declared size. */
const message = z.looseObject({
  kind: z.string(),
  body: z.strictObject({ sizeBytes: z.number().nonnegative() }).optional(),
  controlBytes: z.number().nonnegative().optional(),
});
const header = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), from: z.string() }),
  z.strictObject({ type: z.literal('message'), message }),
  z.strictObject({ type: z.literal('request'), call, timeoutMs: z.number().nonnegative(), message }),
  z.strictObject({ type: z.literal('reply'), call, message }),
  z.strictObject({ type: z.literal('abort'), call }),
]);

/** Writes a frame as the pieces to send, the body's bytes uncopied. */
export function encodeFrame(frame: Frame): Uint8Array[] {
  const body = 'message' in frame ? frame.message.body : undefined;
  const bare =
    'message' in frame && body !== undefined
      ? { ...frame, message: { ...frame.message, body: { sizeBytes: body.sizeBytes } } }
      : frame;
  const json = Buffer.from(JSON.stringify(bare));
  const bodyBytes = body?.bytes ?? new Uint8Array(0);
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt32BE(json.length, 0);
  prefix.writeUInt32BE(bodyBytes.length, 4);
  return bodyBytes.length === 0 ? [prefix, json] : [prefix, json, bodyBytes];
}

/** Puts frames together from the pieces in which a socket delivers them. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #waitingBytes = 0;

  /**
   * Takes what has arrived and returns the frames that are now complete.
   *
   * @throws Error if that is not the protocol; the connection is then of no more use.
   */
  push(piece: Buffer): Frame[] {
    this.#pieces.push(piece);
    this.#waitingBytes += piece.length;
    const frames: Frame[] = [];
    for (;;) {
      const prefix = this.#peek(PREFIX_BYTES);
      if (prefix === undefined) return frames;
      const headerBytes = prefix.readUInt32BE(0);
      const bodyBytes = prefix.readUInt32BE(4);
      if (headerBytes > LARGEST_HEADER_BYTES || bodyBytes > LARGEST_BODY_BYTES) {
        throw new Error(`frame of ${headerBytes} + ${bodyBytes} bytes exceeds the limit`);
      }
      const whole = this.#peek(PREFIX_BYTES + headerBytes + bodyBytes);
      if (whole === undefined) return frames;
      this.#pieces = whole.length === this.#waitingBytes ? [] : [this.#joined().subarray(whole.length)];
      this.#waitingBytes -= whole.length;
      frames.push(decode(whole.subarray(PREFIX_BYTES), headerBytes));
    }
  }

  /** The first `length` bytes, without taking them; undefined while they are not all there. */
  #peek(length: number): Buffer | undefined {
    if (this.#waitingBytes < length) return undefined;
    const first = this.#pieces[0];
    return (first !== undefined && first.length >= length ? first : this.#joined()).subarray(0, length);
  }

  #joined(): Buffer {
    const [only] = this.#pieces;
    if (this.#pieces.length === 1 && only !== undefined) return only;
    const joined = Buffer.concat(this.#pieces, this.#waitingBytes);
    this.#pieces = [joined];
    return joined;
  }
}

function decode(content: Buffer, headerBytes: number): Frame {
  const json: unknown = JSON.parse(content.toString('utf8', 0, headerBytes));
  const frame = header.parse(json);
  if (!('message' in frame)) return frame;
  const { body, ...bare } = frame.message;
  if (body === undefined) return { ...frame, message: bare };
  const bytes = new Uint8Array(content.subarray(headerBytes));
  return { ...frame, message: { ...bare, body: { sizeBytes: body.sizeBytes, bytes } } };
}
