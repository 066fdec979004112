import { readFile } from 'node:fs/promises';
import { parseEngineRecord } from '../../strategy/engine.js';
import { engineFile } from '../../strategy/layout.js';
import { shellWord } from '../../strategy/run/answers.js';
import type { Notice } from '../../strategy/run/notice.js';
import { dashboardBase, pageLink } from '../../strategy/run/page-link.js';
import { LINK } from '../../strategy/run/template.js';
import type { Dependencies } from '../dependencies.js';

/** What a channel knows of this installation besides the notice. */
export interface NoticeContext {
  /** Where the dashboard is reached: SLUICE_PUBLIC_URL, else the one that this home hosts; null where neither is known. */
  readonly publicUrl: string | null;
}

/** Read for each notice: a dashboard comes and goes while a worker runs. */
export async function noticeContext({
  env,
  home,
}: Pick<Dependencies, 'env' | 'home'>): Promise<NoticeContext> {
  const text = await readFile(engineFile(home), 'utf8').catch(() => '');
  return { publicUrl: dashboardBase(env.SLUICE_PUBLIC_URL, parseEngineRecord(text)?.dashboard ?? null) };
}

/** Where a person looks at it: the decision, or the run. A link only leads there; to open it never votes. Null without a public address. */
export function linkTo({ run, decision }: Notice, { publicUrl }: NoticeContext): string | null {
  if (publicUrl === null) return null;
  return pageLink(publicUrl, run, decision);
}

/** The notice with the address where a template asks for it; without one, the command that shows the same. */
export function withLink(notice: Notice, context: NoticeContext): Notice {
  const where = linkTo(notice, context) ?? `sluice status ${shellWord(notice.run)}`;
  return { ...notice, lines: notice.lines.map((line) => line.replaceAll(LINK, where)) };
}
