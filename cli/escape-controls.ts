/**
 * Text from files, programs and people may hold what commands a terminal: escape sequences that clear it, write its
 * title or clipboard, or type for its owner; carriage returns that overwrite a line; marks that turn the direction of
 * writing, so that a sentence reads otherwise than it runs. Everything printed passes through here.
 */
import { styleText } from 'node:util';

/** The colours of sluice's own. A text may hold them too: it can be coloured, and nothing else. */
export const COLOURS = {
  good: 'green',
  bad: 'red',
  busy: 'cyan',
  asks: 'yellow',
  dim: 'dim',
  strong: 'bold',
} as const;

const OWN = new Set(
  Object.values(COLOURS).flatMap((colour) => styleText(colour, '|', { validateStream: false }).split('|')),
);

/** An SGR sequence as sluice writes it; else a control other than line feed and tab, or a direction mark. */
const COMMANDING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /\u001B\[\d{1,2}m|\r\n|[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/**
 * The text with everything that commands a terminal written out, such as `\u001b`: seen, and without effect. In a
 * JSON document the same value is left, since this is how JSON writes it too.
 */
export function escapeControls(text: string): string {
  return text.replace(COMMANDING, (found) => {
    if (found === '\r\n') return '\n';
    if (found.length === 1) return written(found);
    return OWN.has(found) ? found : `${written(found.charAt(0))}${found.slice(1)}`;
  });
}

function written(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
