/** The tables of docs/format.md, read as data. */
import { readFileSync } from 'node:fs';

export type PageEffect = 'used' | 'listed' | 'words' | 'later';

const ROW = /^\| `([^`]+)` \| (\w+) \|/;

/** Every field that the page names, once for each time it does. */
export function fieldsOfFormatPage(): readonly { readonly field: string; readonly effect: PageEffect }[] {
  const page = readFileSync(new URL('../../../docs/format.md', import.meta.url), 'utf8');
  return page.split('\n').flatMap((line) => {
    const [, cell, effect] = ROW.exec(line) ?? [];
    return cell === undefined
      ? []
      : expanded(cell).map((field) => ({ field, effect: effectIn(line, effect) }));
  });
}

/** `a.{b,c}` as `a.b` and `a.c`. */
function expanded(cell: string): readonly string[] {
  const [, start, names] = /^(.*)\{(.*)\}$/.exec(cell) ?? [];
  return names === undefined ? [cell] : names.split(',').map((name) => `${start}${name}`);
}

function effectIn(line: string, text: string | undefined): PageEffect {
  if (text === 'used' || text === 'listed' || text === 'words' || text === 'later') return text;
  throw new Error(`unknown effect in docs/format.md: ${line}`);
}
