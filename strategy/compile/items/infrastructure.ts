/** An infrastructure change: the command of each step in order, their validations, and the way back. */
import { list, nonBlank } from '../../document.js';
import type { InfrastructureChange } from '../../document-changes.js';
import { isMachineProbe } from '../../kinds/probes/index.js';
import type { Action, Procedure, Requirement } from '../../plan.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import { requirementOf } from '../requirement.js';
import { compileWork, type Sentence, sentenceAt, sentencesAt } from '../work.js';
import type { Item } from './find.js';
import { askItem, compileItem, type Using } from './item.js';
import { check } from './stages.js';

type InfrastructureItem = Item & { readonly fields: InfrastructureChange };

export function compileInfrastructure(c: Compilation, item: InfrastructureItem, using: Using): Procedure {
  const { migration_steps, validation, rollback } = item.fields;
  const at = (...keys: readonly (string | number)[]): string => below(item.pointer, ...keys);
  const steps = list(migration_steps).map((step, index) => ({
    told: sentenceAt(step.step, at('migration_steps', index, 'step')),
    command: sentenceAt(step.command, at('migration_steps', index, 'command')),
    validation: sentenceAt(step.validation, at('migration_steps', index, 'validation')),
  }));
  if (steps.every(({ told, command }) => told === null && command === null)) return askItem(c, item, using);
  const { moment, workContext, person } = using;
  const validations: Requirement[] = [];
  const actions = steps.flatMap((step): readonly Action[] => {
    // A step without a command is done by hand, in its place.
    const work = step.command === null ? { manual: only(step.told) } : { commands: [step.command] };
    const done = compileWork(c, work, workContext);
    if (step.validation === null) return done;
    const { text, pointer } = step.validation;
    const place = { pointer, at: moment, connection: workContext.connection, person };
    const requirement = requirementOf(c, text, place);
    validations.push(requirement);
    if (done.length === 0 || !isMachineProbe(requirement.probe)) return done;
    return [...done, ...check(step.told?.text ?? item.id, [requirement])];
  });
  const allowed = rollback?.can_rollback ?? null;
  const procedure = sentenceAt(rollback?.rollback_procedure, at('rollback', 'rollback_procedure'));
  const compiled = compileItem(
    c,
    {
      conditions: sharedWith(item),
      work: {},
      actions,
      checks: {
        datasets: sentencesAt(validation?.test_dataset_ids, at('validation', 'test_dataset_ids')),
      },
      undo: {
        allowed: allowed === null ? null : { pointer: at('rollback', 'can_rollback'), value: allowed },
        work: { sentences: only(procedure) },
        test: null,
      },
    },
    using,
  );
  return { ...compiled, checks: [...validations, ...compiled.checks] };
}

/** Who else uses the resource agrees first. */
function sharedWith({ id, pointer, fields }: InfrastructureItem): readonly Sentence[] {
  return sentencesAt(fields['x-shared-with'], below(pointer, 'x-shared-with')).map(
    ({ pointer: at, text }) => ({
      pointer: at,
      text: `${text} agrees to the change of ${nonBlank(fields.name) ?? id}, which it uses as well`,
    }),
  );
}

/** The resources that others use as well and that the plan changes: one run at a time may do that. */
export function sharedResources(c: Compilation): readonly string[] {
  return [...c.items.values()].flatMap((item) => {
    if (item.kind !== 'infrastructure change' || !c.usedItems.has(item.id)) return [];
    return sharedWith(item).length === 0 ? [] : [nonBlank(item.fields.name) ?? item.id];
  });
}

function only(sentence: Sentence | null): readonly Sentence[] {
  return sentence === null ? [] : [sentence];
}
