import type { Notice } from '../../strategy/run/notice.js';
import type { NoticeContext } from './deliver.js';

/** Where a person looks at it: the decision, or the run. A link only leads there; to open it never votes. Null without a public address. */
export function linkTo({ run, decision }: Notice, { publicUrl }: NoticeContext): string | null {
  if (publicUrl === null) return null;
  const page = `${publicUrl}/runs/${encodeURIComponent(run)}`;
  return decision === null ? page : `${page}/decisions/${encodeURIComponent(decision)}`;
}
