import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { balancers } from '../store/balancer/registry.ts';
import { clientConfigSchema } from '../store/client/config.ts';
import { gatewayConfigSchema } from '../store/gateway/config.ts';
import { placements } from '../store/placement/registry.ts';
import { policies } from '../store/policies.ts';
import { rebalancers } from '../store/rebalance/registry.ts';
import { catalogue } from './catalogue.ts';

describe('the catalogue', () => {
  const text = catalogue(100);
  const lines = text.split('\n');
  const joined = text.replaceAll(/\s+/g, ' ');

  it('has every algorithm and policy, with all that it says of itself', () => {
    for (const family of [balancers, placements, rebalancers]) {
      for (const { name, summary, source, complexity, weakness } of family.values()) {
        expect(lines).toContain(name);
        for (const said of [summary, source, complexity, weakness]) expect(joined).toContain(said);
      }
    }
    for (const { name, summary, component, setting } of policies) {
      expect(lines).toContain(name);
      expect(joined).toContain(summary);
      expect(lines).toContain(`  setting     cluster.settings.${component}.${setting}`);
    }
  });

  it('has options with their defaults', () => {
    expect(joined).toContain('options tableSize (65537): M, slots of the table, a prime; 100 or more a backend');
  });

  it('keeps to the width', () => {
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('names settings that exist', () => {
    const fieldsOf = (schema: z.ZodType) => {
      const inner = schema instanceof z.ZodReadonly ? schema.unwrap() : schema;
      return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
    };
    const fields = { gateway: fieldsOf(gatewayConfigSchema), client: fieldsOf(clientConfigSchema) };
    for (const { component, setting } of policies) expect(fields[component]).toContain(setting);
  });
});
