/** The bindings' `rehearsal` section, checked once: where a trial takes place and what must be the same after it. */
import { RE2JS } from 're2js';
import type { BindingsFields } from '../bindings-document.js';
import type { ConnectionTable } from '../compile/connections.js';
import type { Reporter } from '../compile/reporter.js';
import { checkNoReferences, checkReferences } from '../compile/secrets.js';
import { below } from '../pointer.js';

export interface RehearsalSettings {
  /** Makes a copy of the environment; may print `NAME=VALUE` lines. Null: the copied workspace is all there is. */
  readonly setup: string | null;
  /** Removes what `setup` made. */
  readonly teardown: string | null;
  /** What is compared, in this order. */
  readonly fingerprint: readonly FingerprintPart[];
  /** RE2 expressions of what changes by itself and is left out of the comparison. */
  readonly mask: readonly string[];
}

export type FingerprintPart =
  /** Files and folders, relative to the workspace. */
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  /** What it prints. */
  | { readonly kind: 'command'; readonly text: string }
  /** Every row that it selects. */
  | { readonly kind: 'sql'; readonly text: string; readonly connection: string }
  /** Status and body of the answer. */
  | { readonly kind: 'http'; readonly method: string; readonly url: string };

/** Without a section the workspace itself is compared. */
export const DEFAULT_REHEARSAL: RehearsalSettings = {
  setup: null,
  teardown: null,
  fingerprint: [{ kind: 'files', paths: ['.'] }],
  mask: [],
};

/** Reports what is wrong with the section; the settings are used only when nothing is. */
export function compileRehearsal(
  section: BindingsFields['rehearsal'],
  connections: ConnectionTable,
  reporter: Reporter,
): RehearsalSettings {
  if (section == null) return DEFAULT_REHEARSAL;
  const parts = (section.fingerprint ?? []).flatMap((part, index) => {
    const compiled = compilePart(part, below('', 'rehearsal', 'fingerprint', index), connections, reporter);
    return compiled === null ? [] : [compiled];
  });
  const mask = section.mask ?? [];
  for (const [index, expression] of mask.entries()) checkMask(expression, index, reporter);
  for (const name of ['setup', 'teardown'] as const) {
    const finding = checkNoReferences(section[name]?.command ?? '');
    if (finding !== null) reporter.report(below('', 'rehearsal', name, 'command'), finding);
  }
  return {
    setup: section.setup?.command ?? null,
    teardown: section.teardown?.command ?? null,
    fingerprint: parts.length === 0 ? DEFAULT_REHEARSAL.fingerprint : parts,
    mask,
  };
}

type WrittenPart = NonNullable<NonNullable<BindingsFields['rehearsal']>['fingerprint']>[number];

function compilePart(
  part: WrittenPart,
  pointer: string,
  connections: ConnectionTable,
  reporter: Reporter,
): FingerprintPart | null {
  if ('files' in part) {
    for (const [index, path] of part.files.entries()) {
      const finding = checkReferences(path);
      if (finding !== null) reporter.report(below(pointer, 'files', index), finding);
    }
    return { kind: 'files', paths: part.files };
  }
  if ('command' in part) {
    const finding = checkNoReferences(part.command);
    if (finding !== null) reporter.report(below(pointer, 'command'), finding);
    return { kind: 'command', text: part.command };
  }
  if ('http' in part) {
    const finding = checkReferences(part.http);
    if (finding !== null) reporter.report(below(pointer, 'http'), finding);
    const [method = 'GET', url = ''] = part.http.trim().split(/\s+/);
    return { kind: 'http', method, url };
  }
  const connection = connections.choose(part.connection ?? null, pointer, reporter);
  return connection === null ? null : { kind: 'sql', text: part.sql, connection };
}

function checkMask(expression: string, index: number, reporter: Reporter): void {
  try {
    RE2JS.compile(expression);
  } catch (error) {
    reporter.report(below('', 'rehearsal', 'mask', index), {
      code: 'bad-mask',
      message: `"${expression}" is not a regular expression: ${error instanceof Error ? error.message : String(error)}`,
      advice: 'Write it in the syntax of RE2, such as "updated_at: .*".',
    });
  }
}
