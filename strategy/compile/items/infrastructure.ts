/** An infrastructure change: the command of each step in order, their validations, and the way back. */
import { list } from '../../document.js';
import type { InfrastructureChange } from '../../document-changes.js';
import type { Procedure } from '../../plan.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import { compileWork, type Sentence, sentenceAt, sentencesAt } from '../work.js';
import type { Item } from './find.js';
import { askItem, compileItem, type Using } from './item.js';

export function compileInfrastructure(
  c: Compilation,
  item: Item & { readonly fields: InfrastructureChange },
  using: Using,
): Procedure {
  const { migration_steps, validation, rollback } = item.fields;
  const at = (...keys: readonly (string | number)[]): string => below(item.pointer, ...keys);
  const steps = list(migration_steps).map((step, index) => ({
    told: sentenceAt(step.step, at('migration_steps', index, 'step')),
    command: sentenceAt(step.command, at('migration_steps', index, 'command')),
    validation: sentenceAt(step.validation, at('migration_steps', index, 'validation')),
  }));
  if (steps.every(({ told, command }) => told === null && command === null)) return askItem(c, item, using);
  const actions = steps.flatMap(({ told, command }) => {
    // A step without a command is done by hand, in its place.
    const work = command === null ? { manual: only(told) } : { commands: [command] };
    return compileWork(c, work, using.workContext);
  });
  const allowed = rollback?.can_rollback ?? null;
  const procedure = sentenceAt(rollback?.rollback_procedure, at('rollback', 'rollback_procedure'));
  return compileItem(
    c,
    {
      work: {},
      actions,
      checks: {
        sentences: steps.flatMap((step) => only(step.validation)),
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
}

function only(sentence: Sentence | null): readonly Sentence[] {
  return sentence === null ? [] : [sentence];
}
