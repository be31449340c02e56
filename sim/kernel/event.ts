/** Receives events. A class with a switch on `op` costs no allocation per event, a closure does. */
export interface EventHandler {
  /** `op` is a 32-bit integer of the handler's own meaning. */
  onEvent(op: number, arg: unknown): void;
}

/** Names a scheduled event; never 0. The id of an event that has fired or was cancelled cancels nothing. */
export type EventId = number;
