/** Finds the key that lacks its colon: YAML takes it for a text, and stumbles only at a later line. */

export interface MissingColon {
  /** Where the colon belongs. */
  readonly offset: number;
  readonly key: string;
  /** The colon is there, and the blank behind it is missing. */
  readonly blankOnly: boolean;
}

/** What the parser says of a text that continues where a key begins. */
const REASONS =
  /implicit key|expected ':' after a mapping key|bad indentation of a (?:mapping|sequence) entry|document separator is expected/;

/** A key that is followed by its value or by nothing; the colon without a blank belongs to the value. */
const KEY = /^([A-Za-z_][\w-]*)(?=$|\s|:\S)/;

interface Line {
  readonly start: number;
  /** The text without indentation, list dashes and comment. */
  readonly content: string;
  readonly indent: number;
}

/**
 * The nearest line at or above an error that begins like a key and has no colon, at the depth of the error or less;
 * null when a line with a colon comes first, or when the parser's reason is another.
 */
export function missingColon(text: string, error: number, reason: string): MissingColon | null {
  if (!REASONS.test(reason)) return null;
  const at = lineAt(text, error);
  for (let line: Line | null = at; line !== null; line = lineBefore(text, line)) {
    if (line.content === '') continue;
    const hasColon = /:(?:\s|$)/.test(line.content);
    if (hasColon && line !== at) return null;
    // The parser names the line itself only when it expects a colon there.
    const elsewhere = line === at && !reason.includes("':'");
    const key = hasColon || elsewhere || line.indent > at.indent ? undefined : KEY.exec(line.content)?.[1];
    if (key === undefined) continue;
    const offset = line.start + line.indent + key.length;
    return { offset, key, blankOnly: text.charAt(offset) === ':' };
  }
  return null;
}

function lineAt(text: string, offset: number): Line {
  // A search from before the text would find a line break at its first character.
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', start);
  const raw = text.slice(start, end === -1 ? text.length : end);
  const indent = /^(?:\s|-\s)*/.exec(raw)?.[0].length ?? 0;
  return {
    start,
    indent,
    content: raw
      .slice(indent)
      .replace(/(?:^|\s)#.*$/, '')
      .trimEnd(),
  };
}

function lineBefore(text: string, { start }: Line): Line | null {
  return start === 0 ? null : lineAt(text, start - 1);
}
