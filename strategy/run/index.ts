export * from './decision.js';
export * from './electorate.js';
export * from './event.js';
export * from './messages.js';
export type * from './progress.js';
export * from './view.js';
