import type { Host } from '../../host.ts';
import { crc32c } from '../hash.ts';

/** The file that names the disk. */
export const IDENTITY_FILE = 'identity';

const PREFIX = 'evenkeel-disk 1 ';
/** Written twice, so that one bad spot does not make a stranger of the disk. */
const COPIES = 2;

/** A new name for a disk: 48 random bits, and the incarnation, since a wiped node draws the same bits again. */
export function newDiskId(host: Host): string {
  const stream = host.random.stream('disk-identity');
  let digits = '';
  for (let i = 0; i < 12; i++) digits += stream.below(16).toString(16);
  return `${digits}-${host.incarnation}`;
}

/** What stands in the identity file of the disk `diskId`. */
export function encodeIdentity(diskId: string): Uint8Array {
  const named = PREFIX + diskId;
  const line = `${named} ${checksumOf(named)}\n`;
  return ascii(line.repeat(COPIES));
}

/** The disk's name, or undefined if the file holds none that is whole. */
export function decodeIdentity(bytes: Uint8Array): string | undefined {
  const lines = String.fromCharCode(...bytes).split('\n');
  for (const line of lines) {
    const end = line.lastIndexOf(' ');
    const named = line.slice(0, end);
    if (named.startsWith(PREFIX) && line.slice(end + 1) === checksumOf(named)) return named.slice(PREFIX.length);
  }
  return undefined;
}

/** Where the checksums of this disk's records start: see record-format.ts. */
export function saltOf(diskId: string): number {
  return crc32c(ascii(diskId));
}

function checksumOf(text: string): string {
  return crc32c(ascii(text)).toString(16).padStart(8, '0');
}

function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
