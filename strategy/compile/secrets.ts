/** Secrets stand in bindings as references only; this finds what is not one. */
import type { Finding } from './reporter.js';

const REFERENCE = /\$\{([^}]*)\}?/g;
const WELL_FORMED = /^\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^\s{}$][^{}$]*)\}$/;

/** A text in which `${...}` is replaced: every one of them must be `${env:NAME}` or `${file:path}`. */
export function checkReferences(text: string): Finding | null {
  for (const [found] of text.matchAll(REFERENCE)) {
    if (WELL_FORMED.test(found)) continue;
    return {
      code: 'bad-reference',
      message: `"${found.slice(0, 60)}" is not a reference to a secret`,
      advice: 'Write ${env:NAME} or ${file:path}.',
    };
  }
  return null;
}

/** A command or SQL text, in which nothing is replaced, so that no secret ends up in a process list. */
export function checkNoReferences(text: string): Finding | null {
  const found = /\$\{(?:env|file):[^}]*\}?/.exec(text);
  if (found === null) return null;
  return {
    code: 'misplaced-reference',
    message: `"${found[0].slice(0, 60)}" is not expanded in a command or in SQL, where others could read it`,
    advice: 'Put it under "environment" and use the variable: $NAME.',
  };
}

/** A connection written out with its password. The message does not repeat it. */
export function checkConnection(uri: string): Finding | null {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(uri)?.[1];
  const password =
    authority === undefined ? undefined : /^(?:\$\{[^}]*\}|\$(?!\{)|[^:$])*:([\s\S]+)$/.exec(authority)?.[1];
  const parameter = /(?:^|[?&\s])password\s*=\s*([^&\s]+)/i.exec(uri)?.[1];
  const literal = [password, parameter].find((part) => part !== undefined && !/^\$\{[^}]*\}$/.test(part));
  if (literal === undefined) return null;
  return {
    code: 'literal-secret',
    message: 'a connection may not contain a password: the file is stored with the strategy and in plans',
    advice:
      'Put the connection URI into an environment variable or a file, and write ${env:NAME} or ${file:path}.',
  };
}
