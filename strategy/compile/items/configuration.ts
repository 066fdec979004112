/** A configuration change: one setting whose place the bindings name, else its script, else a person. */
import type { ItemTarget } from '../../bindings-document.js';
import { nonBlank } from '../../document.js';
import type { ConfigurationChange } from '../../document-changes.js';
import { meansOf } from '../../kinds/effects/index.js';
import type { Action, ConfigChange, Procedure } from '../../plan.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import { requirementOf } from '../requirement.js';
import { checkReferences } from '../secrets.js';
import { sentenceAt } from '../work.js';
import type { Item } from './find.js';
import { askItem, compileItem, type ItemSource, type Using } from './item.js';
import { targetAction } from './target.js';

type ConfigurationItem = Item & { readonly fields: ConfigurationChange };

export function compileConfiguration(c: Compilation, item: ConfigurationItem, using: Using): Procedure {
  const { fields, pointer, id } = item;
  const at = (...keys: readonly string[]): string => below(pointer, ...keys);
  const method = fields.deployment_method;
  const script = sentenceAt(method?.automation_script, at('deployment_method', 'automation_script'));
  const back = sentenceAt(fields.rollback?.rollback_script, at('rollback', 'rollback_script'));
  const test = sentenceAt(method?.validation_test_id, at('deployment_method', 'validation_test_id'));
  const checks = { datasets: test === null ? [] : [test] };
  const target = targetOf(c, item);
  if (target === null) {
    if (script === null) return askItem(c, item, using);
    const undo = { allowed: null, work: { script: back }, test: null };
    return compileItem(c, { work: { script }, checks, undo }, using);
  }
  for (const beside of [script, back]) {
    if (beside === null) continue;
    c.cover(beside.pointer, beside.text, 'not-carried-out', 'not run: the item has a target');
  }
  const change = changeOf(c, fields, pointer, target);
  const action = change === null ? null : targetAction(c, item, target, change);
  if (action === null) return compileItem(c, { work: {}, undo: NO_UNDO }, using);
  c.cover(pointer, `configuration change ${id}`, 'automated', meansOf(action));
  const restarts = restartsOf(c, item, target, using);
  const procedure = compileItem(
    c,
    { work: {}, actions: [action, ...restarts], checks, undo: NO_UNDO },
    using,
  );
  const restore: Action = { ...action, change: { do: 'restore' } };
  const healthy = healthOf(c, target, using, pointer);
  return {
    ...procedure,
    checks: [...healthy, ...procedure.checks],
    undo: { kind: 'actions', actions: [restore, ...restarts], checks: healthy },
  };
}

/** The entry of the bindings as a whole, else `x-target` of the item: the bindings say what is different here. */
function targetOf(c: Compilation, { id, pointer, fields }: ConfigurationItem): ItemTarget | null {
  const own = fields['x-target'] ?? null;
  const bound = c.bindings.items.get(id);
  if (bound === undefined) return own;
  c.bindings.used.add(`items/${id}`);
  if (own !== null) {
    const how = 'not used: the bindings say where the setting is in this environment';
    c.cover(below(pointer, 'x-target'), 'x-target', 'not-carried-out', how);
  }
  return bound;
}

const NO_UNDO: ItemSource['undo'] = { allowed: null, work: {}, test: null };

/** Null after reporting why the setting cannot be changed. */
function changeOf(
  c: Compilation,
  { current_value, new_value, rollback }: ConfigurationChange,
  pointer: string,
  target: ItemTarget,
): ConfigChange | null {
  const current = nonBlank(current_value);
  const previous = nonBlank(rollback?.previous_value);
  const value = nonBlank(new_value);
  for (const [key, text] of [
    ['current_value', current],
    ['new_value', value],
  ] as const) {
    const finding = text === null ? null : checkReferences(text);
    if (finding !== null) c.report(below(pointer, key), finding);
  }
  if (current !== null && previous !== null && current !== previous) {
    c.report(below(pointer, 'rollback', 'previous_value'), {
      code: 'value-mismatch',
      message: `previous_value is "${previous}", and current_value is "${current}": the undo would not restore what was there`,
      advice: 'Make them the same.',
    });
    return null;
  }
  const expected = current ?? previous;
  if ('from' in target && target.from != null) {
    if (value === null || value === expected) return { do: 'move', from: target.from.split('.'), expected };
    c.report(below(pointer, 'new_value'), {
      code: 'value-mismatch',
      message: `the item moves the setting from ${target.from} and gives it another value`,
      advice: 'Remove new_value, or use two items: one that moves the setting, and one that changes it.',
    });
    return null;
  }
  return value === null ? { do: 'remove', expected } : { do: 'set', value, expected };
}

/** `requires_restart`: by the bound command, else by a person. */
function restartsOf(
  c: Compilation,
  { id, pointer, fields }: ConfigurationItem,
  target: ItemTarget,
  using: Using,
): readonly Action[] {
  const restart = nonBlank(target.restart);
  if (fields.change_impact?.requires_restart !== true) return [];
  const at = below(pointer, 'change_impact', 'requires_restart');
  const text = `restart what reads ${id}`;
  if (restart !== null) {
    c.cover(at, text, 'automated', 'shell command');
    return [{ kind: 'command', text: restart }];
  }
  c.coverByPerson(at, text, `by hand: ${using.workContext.byHand}`);
  const components = (fields.change_impact.affected_components ?? []).filter((name) => name !== null);
  return [
    { kind: 'manual', items: [`Restart ${components.join(', ') || `what reads the setting of ${id}`}`] },
  ];
}

/** Written in the bindings; shown at the item. */
function healthOf(c: Compilation, target: ItemTarget, using: Using, item: string): Procedure['checks'] {
  const health = nonBlank(target.health);
  if (health === null) return [];
  const { moment, workContext, person } = using;
  const pointer = below(item, 'health');
  return [requirementOf(c, health, { pointer, at: moment, connection: workContext.connection, person })];
}
