/** `npm run test:theory`: the long proofs, which the plain test run leaves out. */
export default { test: { include: ['sim/**/*.theory.ts'] } };
