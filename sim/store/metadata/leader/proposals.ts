import type { MetadataRequest } from '../../messages/metadata.ts';
import type { Command } from '../state/commands.ts';

/** Requests that are one command each, as they stand. */
export type ChangeRequest = Extract<
  MetadataRequest,
  {
    kind:
      | 'object.commit'
      | 'object.copy'
      | 'object.delete'
      | 'blocks.confirmed'
      | 'admin.drain'
      | 'admin.undrain'
      | 'admin.weight'
      | 'admin.pause';
  }
>;

/** The command that carries out a request, proposed at cluster time `atMs`. */
export function commandFor(request: ChangeRequest, atMs: number): Command {
  switch (request.kind) {
    case 'object.commit': {
      const { kind, key, sizeBytes, blocks, acked, condition, token } = request;
      return { kind, atMs, key, sizeBytes, blocks, acked, condition, token };
    }
    case 'object.copy': {
      const { kind, key, from, condition, token } = request;
      return { kind, atMs, key, from, condition, token };
    }
    case 'object.delete': {
      const { kind, key, condition, token } = request;
      return { kind, atMs, key, condition, token };
    }
    case 'blocks.confirmed':
      return { kind: 'blocks.confirm', atMs, confirmed: request.confirmed };
    case 'admin.drain': {
      const { node, epoch } = request;
      return { kind: 'node.membership', atMs, node, membership: 'draining', why: 'asked to leave', epoch };
    }
    case 'admin.undrain': {
      const { node, epoch } = request;
      return { kind: 'node.membership', atMs, node, membership: 'joining', why: 'asked to stay', epoch };
    }
    case 'admin.weight': {
      const { node, weight, epoch } = request;
      return { kind: 'node.weight', atMs, node, weight, epoch };
    }
    case 'admin.pause': {
      const { what, paused, epoch } = request;
      return { kind: 'planning.pause', atMs, what, paused, epoch };
    }
  }
}
