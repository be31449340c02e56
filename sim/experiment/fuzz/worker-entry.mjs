// A worker thread starts without the TypeScript loader of its parent, so it registers one before it loads `worker.ts`.
import { register } from 'tsx/esm/api';

register();
const { default: judgeTask } = await import('./worker.ts');
export default judgeTask;
