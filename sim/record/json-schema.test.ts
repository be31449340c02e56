import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordJsonSchema } from './json-schema.ts';

describe('record.schema.json', () => {
  it('says what the schema says', () => {
    const committed: unknown = JSON.parse(readFileSync(new URL('record.schema.json', import.meta.url), 'utf8'));
    expect(
      committed,
      'record.schema.json is stale; rewrite it: npx tsx sim/record/json-schema.ts > sim/record/record.schema.json',
    ).toEqual(JSON.parse(JSON.stringify(recordJsonSchema())));
  });
});
