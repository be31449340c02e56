// A worker thread starts without the TypeScript loader of its parent, so it registers one before it loads `worker.ts`. Scenarios and
// algorithms outside the project may stand in a folder that is no package, where files count as CommonJS: these need a loader too.
import { register as registerCommonJs } from 'tsx/cjs/api';
import { register } from 'tsx/esm/api';

registerCommonJs();
register();
const { default: runTask } = await import('./worker.ts');
export default runTask;
