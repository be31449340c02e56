import type { Operation, RequestDetail } from './request.ts';

/** A form in which a mix may ask for an operation. */
export interface RequestShape {
  readonly op: Operation;
  /** Only what has more to it than its operation needs further draws. */
  readonly plain: boolean;
  /** A get of some bytes only. */
  readonly ranged: boolean;
  readonly condition: RequestDetail['condition'];
  /** A list of folders, over all its pages. */
  readonly grouped: boolean;
}

const plain = (op: Operation): RequestShape => ({
  op,
  plain: true,
  ranged: false,
  condition: undefined,
  grouped: false,
});
const detailed = (op: Operation, detail: Partial<RequestShape> = {}): RequestShape => ({
  ...plain(op),
  plain: false,
  ...detail,
});

/** By the name that a mix gives it, in the order in which weights are added up: the plain ones first. */
export const shapes = {
  get: plain('get'),
  put: plain('put'),
  head: plain('head'),
  delete: plain('delete'),
  list: plain('list'),
  copy: detailed('copy'),
  getRange: detailed('get', { ranged: true }),
  putIfAbsent: detailed('put', { condition: 'if-absent' }),
  putIfMatch: detailed('put', { condition: 'if-match' }),
  deleteIfMatch: detailed('delete', { condition: 'if-match' }),
  copyIfAbsent: detailed('copy', { condition: 'if-absent' }),
  listFolders: detailed('list', { grouped: true }),
} as const satisfies Record<string, RequestShape>;

export type ShapeName = keyof typeof shapes;

/** Names of all shapes, in that order. */
export const shapeNames: readonly ShapeName[] = [
  'get',
  'put',
  'head',
  'delete',
  'list',
  'copy',
  'getRange',
  'putIfAbsent',
  'putIfMatch',
  'deleteIfMatch',
  'copyIfAbsent',
  'listFolders',
];
