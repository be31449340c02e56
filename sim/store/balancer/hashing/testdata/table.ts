import { hashKey } from '../../../hash.ts';
import type { Backend, PickRequest } from '../../balancer.ts';

/** A table of idle backends, for tests; loads may be set. */
export interface TestBackend extends Backend {
  inFlight: number;
}

export function tableOf(ids: readonly string[], weights: readonly number[] = []): TestBackend[] {
  return ids.map((id, index) => ({ id, index, zone: 'z', weight: weights[index] ?? 1, inFlight: 0 }));
}

export const requestFor = (key: string): PickRequest => ({ key, keyHash: hashKey(key) });
