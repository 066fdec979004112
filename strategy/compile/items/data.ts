/**
 * A data migration: its own script, the rows of its tables in batches within one database, or the shape of a table. What this version does not carry
 * out is asked of a person, and the coverage says why.
 */
import { list } from '../../document.js';
import { meansOf } from '../../kinds/effects/index.js';
import type { Action, Procedure, Requirement, RowsAction, Undo } from '../../plan.js';
import { below } from '../../pointer.js';
import { isSynced } from '../../uses.js';
import type { Compilation } from '../compilation.js';
import { AT_THE_END } from '../facts.js';
import { boundCheck, datasetRequirement, requirementOf } from '../requirement.js';
import { type Sentence, sentenceAt, sentencesAt } from '../work.js';
import { type Backups, backupsOfRows, backupsOfScript, withBackups } from './backup.js';
import { withCorrections } from './corrections.js';
import { readRows } from './data-rows.js';
import type { DataItem, Unreadable } from './data-tables.js';
import { edgeCase } from './edge-cases.js';
import { askItem, compileItem, type ItemSource, type Using } from './item.js';
import { isMirrored, readMirror } from './mirror.js';
import { isOnline, readOnline } from './online.js';
import { howOf, probeOf, reconciliationOf } from './reconciliation.js';
import { readExpand, type Way } from './schema-change.js';
import { readSync } from './sync.js';
import { itemWindow } from './window.js';
import { writersSentence } from './writers.js';

export function compileData(c: Compilation, item: DataItem, using: Using): Procedure {
  const { execution_plan, validation, rollback } = item.fields;
  const at = (...keys: readonly string[]): string => below(item.pointer, ...keys);
  const script = sentenceAt(execution_plan?.execution_script, at('execution_plan', 'execution_script'));
  const back = sentenceAt(rollback?.rollback_script, at('rollback', 'rollback_script'));
  const window = itemWindow(
    c,
    item.fields.downtime?.maintenance_window,
    at('downtime', 'maintenance_window'),
    (text) => `the maintenance window is open: ${text}`,
  );
  const kept = window.windows.length === 0 ? {} : { windows: window.windows };
  const way = script === null ? wayOf(c, item, using) : null;
  if (way !== null && 'why' in way) return { ...byHand(c, item, using, way.why), ...kept };
  const actions = way?.apply ?? [];
  for (const action of actions) {
    c.cover(item.pointer, `data migration ${item.id}`, 'automated', meansOf(action));
  }
  if (script !== null && item.fields['x-throttle'] != null) {
    c.cover(at('x-throttle'), 'x-throttle', 'not-carried-out', 'the script holds itself back');
  }
  const allowed = rollback?.can_rollback ?? null;
  const test = sentenceAt(rollback?.rollback_test_id, at('rollback', 'rollback_test_id'));
  // Another method is a person's, as is what a script did.
  const method = rollback?.rollback_method ?? 'reverse_migration';
  const own =
    method === 'reverse_migration' ||
    (method === 'switch_back' && (isMirrored(item) || isOnline(item) || isSynced(item.fields)));
  const mayUndo = back === null && allowed !== false;
  const undoes = way !== null && mayUndo && own;
  const backups = method === 'restore_backup' && mayUndo ? backupsOf(c, item, using, way) : null;
  const source: ItemSource = {
    work: { script },
    actions,
    checks: {
      sentences: [
        ...sentencesAt(validation?.post_migration_checks, at('validation', 'post_migration_checks')),
        ...sentencesAt(validation?.data_integrity_checks, at('validation', 'data_integrity_checks')),
      ],
      datasets: sentencesAt(validation?.test_dataset_ids, at('validation', 'test_dataset_ids')),
    },
    undo: {
      allowed: allowed === null ? null : { pointer: at('rollback', 'can_rollback'), value: allowed },
      work: { script: back },
      test: undoes || backups !== null ? null : test,
    },
  };
  const procedure = compileItem(c, source, using);
  const whole = withCorrections(c, item, {
    ...procedure,
    ...kept,
    conditions: conditionsOf(c, item, using, window.sentences),
    checks: [...procedure.checks, ...reconciliationChecks(c, item, using)],
    undo: undoes ? undoOf(c, way.undo, test, using) : procedure.undo,
  });
  return backups === null ? whole : withBackups(c, item, whole, { backups, checks: testOf(c, test, using) });
}

/** What is backed up; null, with the reason in the coverage, where a person has to undo it. */
function backupsOf(c: Compilation, item: DataItem, using: Using, way: Way | null): Backups | null {
  const backups =
    way === null ? backupsOfScript(c, item, using.workContext.connection) : backupsOfRows(way.apply);
  if (!('why' in backups)) return backups;
  const pointer = below(item.pointer, 'rollback', 'rollback_method');
  const how = `undo by hand: ${using.workContext.byHand} (${backups.why})`;
  c.coverByPerson(pointer, 'rollback_method: restore_backup', how);
  return null;
}

/** A person does it, with all of its text as the checklist; what a machine can compare afterwards, it does. */
function byHand(c: Compilation, item: DataItem, using: Using, why: string): Procedure {
  const asked = askItem(c, item, using, why);
  const compares = item.fields.validation?.reconciliation != null || item.fields['x-reconcile'] != null;
  if (!compares || 'why' in reconciliationOf(c, item)) return asked;
  const checks = [...asked.checks, ...reconciliationChecks(c, item, using)];
  return withCorrections(c, item, { ...asked, checks });
}

/** What is done to the tables, and how it is taken back: a new shape with a contract to come, or rows in batches. */
function wayOf(c: Compilation, item: DataItem, using: Using): Way | Unreadable {
  const { connection } = using.workContext;
  if (isSynced(item.fields)) return readSync(c, item, connection);
  if (item.fields.type !== 'schema_change' && isMirrored(item)) return readMirror(c, item, using);
  if (item.fields.type === 'schema_change') return readExpand(c, item, connection);
  if (isOnline(item)) return readOnline(c, item, connection);
  const rows = readRows(c, item, connection);
  if ('why' in rows) return rows;
  // From the rows that were saved before they changed.
  const changing = rows.actions.filter(({ change }) => !('check' in change && change.check === true));
  const undo = changing.map((action): RowsAction => ({ ...action, direction: 'undo' })).toReversed();
  return { apply: rows.actions, undo };
}

function undoOf(c: Compilation, actions: readonly Action[], test: Sentence | null, using: Using): Undo {
  return { kind: 'actions', actions, checks: testOf(c, test, using) };
}

function testOf(
  c: Compilation,
  test: Sentence | null,
  { workContext, person }: Using,
): readonly Requirement[] {
  const place = { at: AT_THE_END, connection: workContext.connection, person };
  return test === null ? [] : [datasetRequirement(c, test.text, { pointer: test.pointer, ...place })];
}

/** How both sides are compared, and what counts as equal: by a binding, by the databases themselves, else by a person. */
function reconciliationChecks(c: Compilation, item: DataItem, using: Using): readonly Requirement[] {
  const { fields, pointer } = item;
  const written = fields.validation?.reconciliation;
  const at = (key: string): string => below(pointer, 'validation', 'reconciliation', key);
  const method = sentenceAt(written?.method, at('method'));
  const threshold = sentenceAt(written?.acceptance_threshold, at('acceptance_threshold'));
  const sentences = [method, threshold].filter((sentence) => sentence !== null);
  if (sentences.length === 0 && fields['x-reconcile'] == null) return [];
  const { moment, workContext, person } = using;
  const bound = sentences.some(({ text }) => boundCheck(c, text).kind !== 'open');
  const read = bound ? null : reconciliationOf(c, item);
  if (read === null || 'why' in read) {
    const why = read === null ? '' : `; no machine reads it: ${read.why}`;
    const place = { at: moment, connection: workContext.connection, person: `${person}${why}` };
    const asked =
      sentences.length > 0
        ? sentences
        : [{ pointer: below(pointer, 'x-reconcile'), text: `Reconciliation of ${item.id} passes` }];
    return asked.map((sentence) => requirementOf(c, sentence.text, { ...place, pointer: sentence.pointer }));
  }
  const own = { pointer: below(pointer, 'x-reconcile'), text: 'x-reconcile' };
  for (const sentence of sentences.length > 0 ? sentences : [own]) {
    c.cover(sentence.pointer, sentence.text, 'automated', howOf(read));
  }
  return [{ text: `Reconciliation of ${item.id} passes`, probe: probeOf(read) }];
}

/** Before the first row: the checks in front of the migration, and the datasets of the edge cases. */
function conditionsOf(
  c: Compilation,
  item: DataItem,
  using: Using,
  open: readonly Sentence[],
): readonly Requirement[] {
  const { fields, pointer } = item;
  const { moment: at, workContext, person } = using;
  const place = (sentence: Sentence) => ({
    pointer: sentence.pointer,
    at,
    connection: workContext.connection,
    person,
  });
  const before = sentencesAt(
    fields.validation?.pre_migration_checks,
    below(pointer, 'validation', 'pre_migration_checks'),
  );
  const cases = list(fields.transformation_logic?.edge_cases).flatMap((edge, index) => {
    const key = below(pointer, 'transformation_logic', 'edge_cases', index, 'test_dataset_id');
    const dataset = sentenceAt(edge.test_dataset_id, key);
    return dataset === null ? [] : [dataset];
  });
  // Online, they may write until the cut-over.
  const writers = isOnline(item) ? [] : writersSentence(item);
  return [
    ...[...before, ...writers, ...open].map((sentence) => requirementOf(c, sentence.text, place(sentence))),
    ...cases.map((sentence) => edgeCase(c, item, sentence.text, place(sentence))),
  ];
}
