/** How a transfer ended. */
export type Ending =
  | { readonly outcome: 'done'; readonly output: string }
  | { readonly outcome: 'failed'; readonly cause: string };
