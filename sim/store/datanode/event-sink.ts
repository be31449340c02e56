import type { StoreEvent } from '../events.ts';

/** Where events for the recorder and the checks go. */
export interface EventSink {
  emit(event: StoreEvent): void;
}
