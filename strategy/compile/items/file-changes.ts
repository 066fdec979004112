/**
 * The `configuration_changes` of a deployment step. A change whose place the bindings name, under `items`, by its words or by the
 * name of its setting, is carried out like a configuration item; any other is made by hand.
 */
import type { ItemTarget } from '../../bindings-document.js';
import { list, nonBlank, numbered } from '../../document.js';
import type { DeploymentStep } from '../../document-changes.js';
import { meansOf } from '../../kinds/effects/index.js';
import type { Action, ConfigChange } from '../../plan.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import { shorten } from '../reporter.js';
import { checkReferences } from '../secrets.js';
import { type Sentence, sentenceAt } from '../work.js';
import { targetAction } from './target.js';

export interface FileChanges {
  readonly actions: readonly Action[];
  /** Newest first. */
  readonly undo: readonly Action[];
  /** What a person changes. */
  readonly byHand: readonly string[];
  /** What must hold after the changes that sluice makes. */
  readonly checks: readonly Sentence[];
}

type Changing = Pick<DeploymentStep, 'configuration_changes'>;

/** True when the bindings say where one of the settings is. */
export function hasBoundChange(c: Compilation, { configuration_changes }: Changing): boolean {
  return list(configuration_changes).some(({ config_file, changes }) =>
    numbered(changes).some(({ text }) => keyOf(c, nonBlank(config_file), text) !== null),
  );
}

/** `id` and `pointer`: those of the item. `who` makes the other changes. */
export function fileChanges(
  c: Compilation,
  { id, pointer, fields }: { readonly id: string; readonly pointer: string; readonly fields: Changing },
  who: string,
): FileChanges {
  const actions: ChangeAction[] = [];
  const byHand: string[] = [];
  const checks: Sentence[] = [];
  for (const [index, { config_file, changes, validation }] of list(fields.configuration_changes).entries()) {
    const file = nonBlank(config_file);
    const at = below(pointer, 'configuration_changes', index);
    let made = 0;
    for (const { index: place, text } of numbered(changes)) {
      const where = below(at, 'changes', place);
      const key = keyOf(c, file, text);
      const target = key === null ? undefined : c.bindings.items.get(key);
      if (key === null || target === undefined) {
        const told = `${file ?? 'Configuration'}: ${text}`;
        c.coverByPerson(where, told, `by hand: ${who}`);
        byHand.push(told);
        continue;
      }
      c.bindings.used.add(`items/${key}`);
      const action = actionOf(c, { id, pointer: where }, target, text);
      if (action === null) continue;
      c.cover(where, text, 'automated', meansOf(action));
      actions.push(action);
      made += 1;
    }
    const check = sentenceAt(validation, below(at, 'validation'));
    if (made > 0 && check !== null) checks.push(check);
  }
  const undo = actions.toReversed().map((action): ChangeAction => ({ ...action, change: { do: 'restore' } }));
  return { actions, undo, byHand, checks };
}

type ChangeAction = NonNullable<ReturnType<typeof targetAction>>;

/** Null after reporting why the change cannot be made. `subject`: the item, and where the change is written. */
function actionOf(
  c: Compilation,
  subject: { readonly id: string; readonly pointer: string },
  target: ItemTarget,
  text: string,
): ChangeAction | null {
  const { id, pointer } = subject;
  const read = readChange(text);
  if (read === null) {
    c.report(pointer, unclear(text));
    return null;
  }
  for (const value of valuesOf(read.change)) {
    const finding = checkReferences(value);
    if (finding !== null) c.report(pointer, finding);
  }
  return targetAction(c, { id: `${id} ${read.name}`, pointer }, target, read.change);
}

/** The entry of the bindings for a change, the narrowest first; null without one. */
function keyOf(c: Compilation, file: string | null, text: string): string | null {
  const name = readChange(text)?.name;
  const words = name === undefined ? [text] : [text, name];
  const keys = [...(file === null ? [] : words.map((each) => `${file}: ${each}`)), ...words];
  return keys.find((key) => c.bindings.items.has(key)) ?? null;
}

type Read = { readonly name: string; readonly change: ConfigChange };

const NAME = String.raw`([\w.\-/\[\]]{1,200})`;
const REMOVE = new RegExp(`^(?:remove|delete|unset)\\s+${NAME}\\s*(?:=|:\\s)\\s*(\\S.*)$`, 'i');
const SET = new RegExp(
  `^(?:(?:set|add|change|update)\\s+)?${NAME}\\s*(?:=|:\\s|\\s(?:to|from)\\s)\\s*(\\S.*)$`,
  'i',
);

/** "NAME=VALUE" and "NAME: VALUE" add a setting, "NAME: OLD -> NEW" changes it, "remove NAME=OLD" removes it. Null for anything else. */
export function readChange(text: string): Read | null {
  const plain = text.trim();
  const [, removed, held] = REMOVE.exec(plain) ?? [];
  if (removed !== undefined && held !== undefined)
    return { name: removed, change: { do: 'remove', expected: unquoted(held) } };
  const [, name, rest] = SET.exec(plain) ?? [];
  if (name === undefined || rest === undefined) return null;
  const [old = '', value, more] = rest.split(/\s+(?:->|→|=>)\s+/);
  if (more !== undefined) return null;
  return value === undefined
    ? { name, change: { do: 'set', value: unquoted(old), expected: null } }
    : { name, change: { do: 'set', value: unquoted(value), expected: unquoted(old) } };
}

function unquoted(text: string): string {
  const plain = text.trim();
  return /^(["']).*\1$/.test(plain) && plain.length > 1 ? plain.slice(1, -1) : plain;
}

function valuesOf(change: ConfigChange): readonly string[] {
  if (change.do === 'restore') return [];
  const value = change.do === 'set' ? [change.value] : [];
  return change.expected === null ? value : [...value, change.expected];
}

function unclear(text: string) {
  return {
    code: 'unclear-change',
    message: `the bindings say where "${shorten(text)}" is, and its words do not say what to change there`,
    advice:
      'Write "NAME: OLD -> NEW", "NAME=VALUE" for a new setting or "remove NAME=OLD", or remove the entry from the bindings.',
  };
}
