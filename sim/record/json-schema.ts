import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { recordSchema } from './schema.ts';

/** The record's JSON Schema, for readers in other languages; `record.schema.json` holds it. */
export function recordJsonSchema(): object {
  return { title: 'evenkeel RunRecord', ...z.toJSONSchema(recordSchema) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(recordJsonSchema(), null, 2)}\n`);
}
