/** What an entry of `commands` is: SQL, a line for the shell, or neither. */
import { slip } from '../slip.js';
import type { Compilation } from './compilation.js';
import { parsePrefix } from './prefix.js';
import type { Startable } from './programs.js';
import { isProse } from './prose.js';
import { type Finding, shorten } from './reporter.js';
import { badSql, isShellLookalike, mayBeSql, SQL_VERBS } from './sql.js';

export type CommandLine =
  | { readonly kind: 'sql'; readonly text: string }
  | { readonly kind: 'shell'; readonly text: string; readonly doubt: Finding | null }
  | { readonly kind: 'refused'; readonly finding: Finding };

/** Reads one entry: by its prefix, else SQL when Postgres's parser accepts it, else shell when its program is found (with a warning when it reads as prose). */
export function readCommandLine(c: Compilation, text: string): CommandLine {
  const prefixed = parsePrefix(text);
  switch (prefixed?.prefix) {
    case 'sql': {
      const complaint = c.surroundings.sqlError(prefixed.text);
      return complaint === null
        ? { kind: 'sql', text: prefixed.text }
        : { kind: 'refused', finding: badSql(complaint) };
    }
    case 'command':
      return { kind: 'shell', text: prefixed.text, doubt: null };
    case 'http':
      return notAnAction(
        'http',
        'For a request that changes something, write a command: $ curl --fail --request POST URL',
      );
    case 'dataset':
      return notAnAction(
        'dataset',
        'A test dataset is a check: put its id under validation.test_dataset_ids.',
      );
    case undefined:
      return unprefixed(c, text.trim());
  }
}

function unprefixed(c: Compilation, text: string): CommandLine {
  const sqlLike = mayBeSql(text);
  const complaint = sqlLike ? c.surroundings.sqlError(text) : null;
  if (sqlLike && complaint === null && !isShellLookalike(text)) return { kind: 'sql', text };
  const program = c.programs.start(text);
  if (program.kind === 'found')
    return { kind: 'shell', text, doubt: isProse(text) ? proseDoubt(text) : null };
  if (program.kind === 'missing') return { kind: 'refused', finding: neither(text, program, complaint) };
  return {
    kind: 'shell',
    text,
    doubt: {
      code: 'unknown-program',
      severity: 'warning',
      message: `whether the program "${shorten(program.word)}" exists cannot be checked: ${program.why}`,
      advice: 'Put "$ " in front of it to mark it as a shell command.',
    },
  };
}

function proseDoubt(text: string): Finding {
  return {
    code: 'prose-command',
    severity: 'warning',
    message: `"${shorten(text)}" reads as prose and would run as a shell command`,
    advice: 'Put "$ " in front of it if it is a command, else move it to manual_steps.',
  };
}

function neither(
  text: string,
  { word, why }: Extract<Startable, { kind: 'missing' }>,
  complaint: string | null,
): Finding {
  const notSql = complaint === null ? 'not SQL' : `not valid Postgres SQL (${complaint})`;
  const meant = slip(word, SQL_VERBS);
  const hint = meant === null ? '' : `Did you mean "${meant}"? `;
  return {
    code: 'not-a-command',
    message: `"${shorten(text)}" is ${notSql} and not a shell command that can be started: ${why}`,
    advice: `${hint}Put "$ " in front of a shell command, "sql: " in front of SQL, and move prose to manual_steps.`,
  };
}

function notAnAction(prefix: 'http' | 'dataset', advice: string): CommandLine {
  return {
    kind: 'refused',
    finding: {
      code: 'not-an-action',
      message: `"${prefix}:" marks a check and cannot be a command`,
      advice,
    },
  };
}
