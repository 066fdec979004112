import type { RowsToSettle } from '../../../strategy/reconcile/settle.js';

/** How a transfer ended. */
export type Ending =
  | {
      readonly outcome: 'done';
      readonly output: string;
      /** What a person has to settle before it is done; absent when it is. */
      readonly asks?: RowsToSettle;
    }
  | { readonly outcome: 'failed'; readonly cause: string };
