import type { StoreEvent } from '../store/events.ts';

/** A client operation ended. */
export type OperationEvent = Extract<StoreEvent, { kind: 'operation' }>;
