import { refuseInCall } from './call-watch.ts';

let isForbidden = false;

/**
 * From now on, on this thread, a user's algorithm that draws `Math.random` or reads the wall clock while it runs fails its variant. All else
 * uses them as before. For worker threads that run a user's code, before it is loaded.
 */
export function forbidChanceAndClock(): void {
  if (isForbidden) return;
  isForbidden = true;
  const { random } = Math;
  Math.random = () => {
    refuseInCall('Math.random');
    return random();
  };
  const now = performance.now.bind(performance);
  performance.now = () => {
    refuseInCall('performance.now');
    return now();
  };
  const { Date: RealDate } = globalThis;
  const dateNow = () => {
    refuseInCall('Date.now');
    return RealDate.now();
  };
  globalThis.Date = new Proxy(RealDate, {
    construct(target, args, newTarget) {
      if (args.length === 0) refuseInCall('new Date()');
      return Reflect.construct(target, args, newTarget);
    },
    apply(target, self, args) {
      refuseInCall('Date()');
      return Reflect.apply(target, self, args);
    },
    get: (target, key) => (key === 'now' ? dateNow : Reflect.get(target, key)),
  });
}
