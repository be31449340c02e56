import type { NodeId } from '../../../host.ts';

/**
 * Names of members. A member is a disk, not a machine: who has lost what it promised comes back under a new name, whose
 * old one is never used again. `metadata-2` is a founder; `metadata-2~5` began on the same node in its fifth incarnation.
 */
const mark = '~';

/** The node where a member lives. */
export function addressOf(member: NodeId): NodeId {
  const end = member.indexOf(mark);
  return end < 0 ? member : member.slice(0, end);
}

/** The name under which a node without memory asks to join. */
export function newcomerAt(address: NodeId, incarnation: number): NodeId {
  return `${address}${mark}${incarnation}`;
}

/** `member` began later on the node where `other` began: `other` has lost its memory and will not come back. */
export function supersedes(member: NodeId, other: NodeId): boolean {
  return addressOf(member) === addressOf(other) && beginning(member) > beginning(other);
}

function beginning(member: NodeId): number {
  const end = member.indexOf(mark);
  return end < 0 ? 0 : Number(member.slice(end + 1));
}
