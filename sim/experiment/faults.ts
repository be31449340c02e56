import { show } from '../traffic/fields.ts';
import { parseDuration } from '../traffic/units.ts';
import type { FaultSpec } from '../world/faults/fault.ts';
import { type FaultRegistry, faultSchema } from '../world/faults/registry.ts';
import type { FaultInput } from './scenario.ts';
import { UserError } from './user-error.ts';

/**
 * Faults as scenarios write them (`at: '10s'`, `duration: '5s'`, or numbers in ms) in the form that the world takes.
 *
 * @throws UserError naming the fault by its position, the field, what was found and what is accepted.
 */
export function faultSpecs(faults: readonly FaultInput[], registry: FaultRegistry): readonly FaultSpec[] {
  const schema = faultSchema(registry);
  return faults.map(({ at, duration, ...rest }, position) => {
    const place = `faults.${position}`;
    const times = { ...timeField(place, 'at', at), ...timeField(place, 'duration', duration) };
    const parsed = schema.safeParse({ ...rest, ...times });
    if (parsed.success) return parsed.data;
    const lines = parsed.error.issues.map(
      ({ path, message }) => `${[place, ...path.map(asWritten)].join('.')}: ${message}`,
    );
    throw new UserError(lines.join('\n'));
  });
}

function timeField(place: string, name: string, value: unknown): Record<string, number> {
  if (value === undefined && name !== 'at') return {};
  const ms = typeof value === 'string' ? parseDuration(value) : value;
  if (typeof ms === 'number' && ms >= 0 && ms < Number.POSITIVE_INFINITY) return { [`${name}Ms`]: ms };
  throw new UserError(
    `${place}.${name}: ${value === undefined ? 'missing' : `found ${show(value)}`}; accepted: ms from 0, or a text such as '250ms', '10s', '1m'`,
  );
}

/** The scenario's name of a field of the world's. */
function asWritten(field: PropertyKey): string {
  return String(field).replace(/^(at|duration)Ms$/, '$1');
}
