import type { TraceEvent } from '../host.ts';

/** How a process is made to end: the process alone, or the machine with it (power loss: nobody is told). */
export type CrashMode = 'process' | 'machine';

/** What the world itself reports through the trace, beside what the components emit. */
export type WorldEvent = TraceEvent &
  (
    | { readonly kind: 'process-started'; readonly incarnation: number }
    | {
        readonly kind: 'process-ended';
        readonly incarnation: number;
        readonly mode: CrashMode;
        /** `crash` comes from outside, `abort` from the process itself. */
        readonly cause: 'crash' | 'abort';
        readonly reason: string;
      }
    | { readonly kind: 'process-paused' }
    | { readonly kind: 'process-resumed' }
  );

/** What a fault did to a disk behind the back of the process that uses it: for the checks, since no component can know. */
export type DiskEvent = TraceEvent &
  (
    | {
        readonly kind: 'disk-corrupted';
        readonly file: string;
        /** Of the byte that was changed. */
        readonly offset: number;
        /** Its bits that were flipped. */
        readonly mask: number;
      }
    /** All that it held is gone. */
    | { readonly kind: 'disk-wiped'; readonly files: number }
  );
