import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { balancerConformance } from './balancer.conformance.ts';
import { fewestOpen } from './testdata/example-balancer.ts';

it('the README shows the example that is tested here, for a file in scenarios/', () => {
  const example = readFileSync(new URL('./testdata/example-balancer.ts', import.meta.url), 'utf8');
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(
    `\`\`\`ts\n${example.replace("'../balancer.ts'", "'../sim/store/balancer/balancer.ts'")}\`\`\``,
  );
});

balancerConformance(fewestOpen);
