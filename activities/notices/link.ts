import { shellWord } from '../../strategy/run/answers.js';
import type { Notice } from '../../strategy/run/notice.js';
import { LINK } from '../../strategy/run/template.js';

/** What a channel knows of this installation besides the notice. */
export interface NoticeContext {
  /** Where the dashboard can be reached by those who get notices (SLUICE_PUBLIC_URL); null when that is not set. */
  readonly publicUrl: string | null;
}

/** Where a person looks at it: the decision, or the run. A link only leads there; to open it never votes. Null without a public address. */
export function linkTo({ run, decision }: Notice, { publicUrl }: NoticeContext): string | null {
  if (publicUrl === null) return null;
  const page = `${publicUrl}/runs/${encodeURIComponent(run)}`;
  return decision === null ? page : `${page}/decisions/${encodeURIComponent(decision)}`;
}

/** The notice with the address where a template asks for it; without one, the command that shows the same. */
export function withLink(notice: Notice, context: NoticeContext): Notice {
  const where = linkTo(notice, context) ?? `sluice status ${shellWord(notice.run)}`;
  return { ...notice, lines: notice.lines.map((line) => line.replaceAll(LINK, where)) };
}
