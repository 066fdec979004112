/** Templates of notices: a text with placeholders such as `{phase}` or `{{ current phase }}`. Pure. */
import { describeFigure, figureNames, findFigure } from './figures.js';
import type { MigrationView } from './view.js';

/** What a template may say beside the figures of the run: of the notice itself. `link` is filled in by the channel. */
export interface NoticeWords {
  /** What happened, in one line. */
  readonly event: string;
  /** The id of the decision; empty without one. */
  readonly decision: string;
  readonly deadline: string;
  readonly link: string;
}

const NOTICE_WORDS = [
  'event',
  'decision',
  'deadline',
  'link',
] as const satisfies readonly (keyof NoticeWords)[];

/** Stands for the address of the page, which only the channel knows. */
export const LINK = '{link}';

/** Letters first: `{0}` or a piece of JSON is no placeholder. A reference such as `${env:NAME}` is none either. */
const PLACEHOLDER = /\{\{\s*([A-Za-z][\w -]{0,40}?)\s*\}\}|(?<![${])\{\s*([A-Za-z][\w -]{0,40}?)\s*\}(?!\})/g;

/** Every name that a placeholder may hold. */
export function placeholderNames(): readonly string[] {
  return [...figureNames(), ...NOTICE_WORDS];
}

/** The names in a template that nothing is known of, as they are written. */
export function unknownPlaceholders(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)]
    .map(([, double, single]) => double ?? single ?? '')
    .filter((name) => noticeWord(name) === null && findFigure(name) === null);
}

/** The template with what is known filled in. `at`: the moment for which it is said. */
export function fillTemplate(template: string, view: MigrationView, words: NoticeWords, at: string): string {
  return template.replaceAll(PLACEHOLDER, (written: string, double?: string, single?: string) => {
    const name = double ?? single ?? '';
    const word = noticeWord(name);
    if (word !== null) return words[word];
    const figure = findFigure(name);
    return figure === null ? written : describeFigure(figure, view, at);
  });
}

function noticeWord(name: string): keyof NoticeWords | null {
  const folded = name.toLowerCase();
  return NOTICE_WORDS.find((word) => word === folded) ?? null;
}
