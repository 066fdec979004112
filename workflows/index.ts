/** What the workflow bundle offers to Temporal. */
export { lock } from './lock.js';
export { migration } from './migration.js';
