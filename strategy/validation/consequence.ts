/** Which problems only follow from a repair, so that they are not reported. */
import type { Problem } from '../problem.js';

/** Something is missing, which the file may have had where the schema refused it. */
const EMPTY: ReadonlySet<string> = new Set([
  'empty-gate',
  'empty-phase',
  'empty-step',
  'missing-name',
  'no-approvers',
  'no-way-back',
]);

/** True for a problem at or below something that was repaired, and for something missing beside it. */
export function isConsequence({ code, pointer }: Problem, repaired: readonly string[]): boolean {
  if (repaired.some((other) => pointer === other || pointer.startsWith(`${other}/`))) return true;
  if (!EMPTY.has(code)) return false;
  const around =
    code === 'no-approvers' || code === 'no-way-back' ? pointer.slice(0, pointer.lastIndexOf('/')) : pointer;
  return repaired.some((other) => other.startsWith(`${around}/`));
}

/** Problems of sentences without their bindings, when the bindings could not be read. */
const WITHOUT_BINDINGS: ReadonlySet<string> = new Set([
  'bare-sql',
  'idle-calendar',
  'near-miss',
  'no-connection',
  'not-an-action',
  'not-watched',
  'open-role',
  'prose-command',
  'unbound',
  'unknown-connection',
  'unknown-dataset',
  'unknown-program',
  'which-connection',
]);

/** True for a problem that may disappear once the bindings are repaired. */
export function mayComeFromBindings({ code }: Problem, readable: boolean): boolean {
  // The PATH of commands is one of the bindings.
  return WITHOUT_BINDINGS.has(code) || (!readable && code === 'not-a-command');
}
