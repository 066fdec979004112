/** What the workflow bundle offers to Temporal. */
export { migration } from './migration.js';
