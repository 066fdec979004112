/** An integration: who has to agree, what is switched in which order, what must hold then, and the fallback. */

import { list, nonBlank, numbered } from '../../document.js';
import type { ExternalIntegration, InternalIntegration } from '../../document-changes.js';
import type { Action, Procedure, Undo } from '../../plan.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import { type Sentence, sentenceAt, sentencesAt } from '../work.js';
import type { Item } from './find.js';
import { compileItem, type Using } from './item.js';
import { compileMovement } from './parallel-run.js';
import { type ItemWindow, itemWindow } from './window.js';

/**
 * With a partner. The agreement and its window are confirmed before the first action. `acts`: the step has actions of its own, which
 * then do the switch; otherwise it is done by hand.
 */
export function compileExternalIntegration(
  c: Compilation,
  item: Item & { readonly fields: ExternalIntegration },
  using: Using,
  acts: boolean,
): Procedure {
  const { name, migration_approach: approach, testing, fallback } = item.fields;
  const at = (...keys: readonly string[]): string => below(item.pointer, ...keys);
  const switched = `${WORDS[approach?.method ?? 'cutover']} ${nonBlank(name) ?? item.id}`;
  const allowed = fallback?.fallback_to_old ?? null;
  const work: Sentence = { pointer: at('migration_approach', 'method'), text: switched };
  const binding = c.bindings.integrations.get(item.id);
  const movement = binding === undefined ? null : compileMovement(c, item, binding, using);
  const byRoute = movement?.routed === true && approach?.method !== 'parallel_run';
  if (acts) c.cover(work.pointer, work.text, 'automated', 'carried out by the actions of its step');
  else if (byRoute) c.cover(work.pointer, work.text, 'automated', 'carried out by its route in the bindings');
  else if (movement !== null)
    c.coverByPerson(work.pointer, work.text, `by hand: ${using.workContext.byHand}`);
  const begun: readonly Action[] =
    acts || byRoute || movement === null ? [] : [{ kind: 'manual', items: [switched] }];
  const window = windowOf(c, item, at);
  const compiled = compileItem(
    c,
    {
      acts,
      conditions: [...agreement(item, at), ...window.sentences],
      work: { manual: acts || movement !== null ? [] : [work] },
      actions: [...begun, ...(movement?.actions ?? [])],
      checks: {
        sentences: testing?.validation_with_partner === true ? [validated(item, at)] : [],
        datasets: sentencesAt(testing?.test_dataset_ids, at('testing', 'test_dataset_ids')),
      },
      undo: {
        allowed: allowed === null ? null : { pointer: at('fallback', 'fallback_to_old'), value: allowed },
        work: {
          sentences: present(sentenceAt(fallback?.fallback_procedure, at('fallback', 'fallback_procedure'))),
        },
        test: null,
      },
    },
    using,
  );
  const procedure = window.windows.length === 0 ? compiled : { ...compiled, windows: window.windows };
  return movement === null ? procedure : { ...procedure, undo: backFirst(movement.undo, procedure.undo) };
}

/** The requests go back to the old side before the fallback, so that nobody meets what it takes away. */
function backFirst(requests: readonly Action[], undo: Undo): Undo {
  if (requests.length === 0 || undo.kind === 'impossible') return undo;
  const after = undo.kind === 'actions' ? undo : { actions: [], checks: [] };
  return { kind: 'actions', actions: [...requests, ...after.actions], checks: after.checks };
}

const WORDS = {
  cutover: 'Cut over to',
  parallel_run: 'Begin the parallel run of',
  gradual_migration: 'Migrate gradually to',
} as const;

type At = (...keys: readonly string[]) => string;
type External = Item & { readonly fields: ExternalIntegration };

function agreement({ fields }: External, at: At): readonly Sentence[] {
  const { coordination_required: required, coordination_plan: plan } = fields.migration_approach ?? {};
  if (required === false) return [];
  const place = (key: string): string => at('migration_approach', 'coordination_plan', key);
  const party = partyOf(fields);
  const message = nonBlank(plan?.communication_plan);
  const sentences: Sentence[] = [];
  if (required === true || nonBlank(plan?.external_party) !== null) {
    const pointer =
      nonBlank(plan?.external_party) === null ? at('migration_approach') : place('external_party');
    sentences.push({ pointer, text: `${party} agrees to the change` });
  }
  if (message !== null) {
    sentences.push({ pointer: place('communication_plan'), text: `${party} was told: ${message}` });
  }
  return sentences;
}

/** Without coordination there is no window to keep. */
function windowOf(c: Compilation, { fields }: External, at: At): ItemWindow {
  const { coordination_required: required, coordination_plan: plan } = fields.migration_approach ?? {};
  if (required === false) return { windows: [], sentences: [] };
  const pointer = at('migration_approach', 'coordination_plan', 'coordination_window');
  return itemWindow(
    c,
    plan?.coordination_window,
    pointer,
    (text) => `the window agreed with ${partyOf(fields)} is open: ${text}`,
  );
}

function validated({ fields }: External, at: At): Sentence {
  const environment = nonBlank(fields.testing?.test_environment);
  const where = environment === null ? '' : ` in ${environment}`;
  const pointer = at('testing', 'validation_with_partner');
  return { pointer, text: `the result was validated with ${partyOf(fields)}${where}` };
}

function partyOf({ name, migration_approach }: ExternalIntegration): string {
  const party = nonBlank(migration_approach?.coordination_plan?.external_party);
  return party ?? `the other side of ${nonBlank(name) ?? 'the integration'}`;
}

/** Within the house: the services in their sequence, after the coordination points are confirmed. */
export function compileInternalIntegration(
  c: Compilation,
  item: Item & { readonly fields: InternalIntegration },
  using: Using,
  acts: boolean,
): Procedure {
  const { migration_sequence: sequence, providing_services, consuming_services } = item.fields;
  const at: At = (...keys) => below(item.pointer, ...keys);
  const order = sentencesAt(sequence?.order, at('migration_sequence', 'order'));
  const services = [...list(providing_services), ...list(consuming_services)].filter((name) => name !== null);
  const unordered: Sentence = {
    pointer: item.pointer,
    text: `Migrate ${services.length === 0 ? item.id : services.join(', then ')}`,
  };
  return compileItem(
    c,
    {
      acts,
      conditions: numbered(sequence?.coordination_points).map(({ index, text }) => ({
        pointer: at('migration_sequence', 'coordination_points', String(index)),
        text,
      })),
      work: { sentences: order.length > 0 || acts ? order : [unordered] },
      undo: { allowed: null, work: {}, test: null },
    },
    using,
  );
}

function present(sentence: Sentence | null): readonly Sentence[] {
  return sentence === null ? [] : [sentence];
}
