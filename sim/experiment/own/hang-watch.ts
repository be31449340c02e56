import { type Call, readPulse } from './call-watch.ts';

/** How long one call of a user's algorithm may take, in ms of the wall clock: far more than any that ends. */
export const CALL_LIMIT_MS = 10_000;

/**
 * Looks at a worker's pulse from another thread, and tells once if one call of a user's algorithm lasts longer than the limit. Such a call never
 * gives its thread back, so that nothing on that thread could tell.
 *
 * @returns Ends the watch.
 */
export function watchForHang(pulse: Int32Array, limitMs: number, onHang: (call: Call) => void): () => void {
  let seen = -1;
  let since = performance.now();
  const timer = setInterval(
    () => {
      const { count, running } = readPulse(pulse);
      if (count !== seen || running === undefined) {
        seen = count;
        since = performance.now();
      } else if (performance.now() - since >= limitMs) {
        clearInterval(timer);
        onHang(running);
      }
    },
    Math.min(1_000, limitMs / 4),
  );
  timer.unref();
  return () => clearInterval(timer);
}
