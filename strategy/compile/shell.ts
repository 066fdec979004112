/** What a line for `/bin/sh` begins with, as far as its text tells. */

export type FirstWord =
  /** A program, a path to one, or a word of the shell. */
  | { readonly kind: 'word'; readonly word: string }
  /** Only the shell will know: the word is built from a variable, a substitution or a pattern. */
  | { readonly kind: 'computed'; readonly word: string }
  /** The line names no command, such as `NAME=value` or a comment. */
  | { readonly kind: 'none' };

/** The special and regular built-in utilities of POSIX, its reserved words, and what every `sh` in use has besides. */
const SHELL_WORDS: ReadonlySet<string> = new Set(
  (
    ': . [ alias bg break cd command continue echo eval exec exit export false fc fg getopts hash jobs kill local ' +
    'printf pwd read readonly return set shift source test times trap true type ulimit umask unalias unset wait ' +
    '! { ( case for if until while'
  ).split(' '),
);

/** True when the shell itself knows the word, so that no program of that name is needed. */
export function isShellWord(word: string): boolean {
  return SHELL_WORDS.has(word);
}

const ASSIGNMENT = /^[A-Za-z_]\w*=/;
const REDIRECTION = /^\d*(?:>>|>\||>&|<&|<>|<<-?|>|<)/;

/** The command that a line runs first, behind assignments and redirections. */
export function firstWordOf(line: string): FirstWord {
  let rest = line.trimStart();
  while (rest !== '') {
    if (rest.startsWith('#')) {
      const lineBreak = rest.indexOf('\n');
      rest = lineBreak === -1 ? '' : rest.slice(lineBreak).trimStart();
      continue;
    }
    if (/^[({]/.test(rest)) return { kind: 'word', word: rest.charAt(0) };
    const redirection = REDIRECTION.exec(rest)?.[0];
    if (redirection !== undefined) {
      rest = rest.slice(redirection.length).trimStart();
      rest = rest.slice(wordAt(rest).length).trimStart();
      continue;
    }
    const raw = wordAt(rest);
    if (!ASSIGNMENT.test(raw)) return spelled(raw);
    rest = rest.slice(raw.length).trimStart();
  }
  return { kind: 'none' };
}

/** The text up to the blank or operator that ends a word, quotes and substitutions included. */
function wordAt(text: string): string {
  let at = 0;
  let depth = 0;
  let quote = '';
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\' && quote !== "'") at += 1;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"' || char === '`') quote = char;
    else if (char === '$' && text.charAt(at + 1) === '(') depth += 1;
    else if (char === ')' && depth > 0) depth -= 1;
    else if (depth === 0 && /[\s;&|<>()]/.test(char) && text.charAt(at - 1) !== '$') break;
  }
  return text.slice(0, Math.min(at, text.length));
}

function spelled(raw: string): FirstWord {
  // Within single quotes every character stands for itself.
  const open = raw.replace(/'[^']*'/g, '');
  if (/[$`]/.test(open) || /[*?[]/.test(open.replace(/"[^"]*"/g, '').replace(/^\[$/, ''))) {
    return { kind: 'computed', word: raw };
  }
  if (raw.startsWith('~')) return { kind: 'computed', word: raw };
  const word = raw.replace(/\\([\s\S])|["']/g, (_, escaped: string | undefined) => escaped ?? '');
  return word === '' ? { kind: 'none' } : { kind: 'word', word };
}
