export function meaningOf(
  output: string,
):
  | { readonly kind: 'unanswered'; readonly why: string }
  | { readonly kind: 'known'; readonly serious: number; readonly total: number };
