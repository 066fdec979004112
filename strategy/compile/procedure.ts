/**
 * The one compiler of procedures. A section of the strategy reads its own fields into a `ProcedureSource`, and this
 * file turns that into actions, checks, conditions and undo.
 */
import type { MachineProbe, Procedure, Requirement, Retry } from '../plan.js';
import { scriptAction } from './actions.js';
import type { Compilation } from './compilation.js';
import { datasetRequirement, type Otherwise, type Place, requirementOf } from './requirement.js';
import { compileUndo, type UndoSource } from './undo.js';
import { compileWork, type Sentence, type WorkContext, type WorkSource } from './work.js';

export interface ProcedureSource {
  /** The role that does what only a person can do. */
  readonly responsible: string | null;
  /** What the coverage says about a sentence that a person answers, such as "asked of DBA Team". */
  readonly person: string;
  /** When the sentences are evaluated: see facts.ts. */
  readonly moment: number;
  readonly conditions: readonly Sentence[];
  /** True when the baselines of metrics are measured before its first action. */
  readonly baseline: boolean;
  readonly work: WorkSource;
  readonly workContext: WorkContext;
  readonly checks: ChecksSource;
  /** Null when the section has no fields for a way back, and nothing to take back. */
  readonly undo: UndoSource | null;
  readonly limits: Limits;
}

export interface ChecksSource {
  /** The machine check of all the prose beside it. */
  readonly script: Sentence | null;
  readonly sentences: readonly Sentence[];
  /** Ids of test datasets. */
  readonly datasets: readonly Sentence[];
}

export interface Limits {
  /** Milliseconds one action may take. */
  readonly timeoutMs: number;
  readonly retry: Retry;
  readonly idempotent: boolean;
}

/** Covers every sentence of the source once, in the order of a run. */
export function compileProcedure(c: Compilation, source: ProcedureSource): Procedure {
  const { responsible, limits, undo } = source;
  c.role(responsible);
  const conditions = source.conditions.map((sentence) =>
    requirementOf(c, sentence.text, placeOf(source, sentence, false)),
  );
  const actions = compileWork(c, source.work, source.workContext);
  const checks = compileChecks(c, source);
  return {
    responsible,
    conditions,
    actions,
    checks,
    undo: undo === null ? { kind: 'nothing' } : compileUndo(c, undo, actions.length > 0),
    ...limits,
  };
}

/** The script first: it stands for all prose beside it. */
function compileChecks(c: Compilation, source: ProcedureSource): readonly Requirement[] {
  const { script, sentences, datasets } = source.checks;
  const scripted = script === null ? null : compileCheckScript(c, script, source.workContext.connection);
  return [
    ...(scripted === null ? [] : scripted.requirements),
    ...sentences.map((sentence) =>
      requirementOf(c, sentence.text, placeOf(source, sentence, source.baseline, scripted?.prose)),
    ),
    ...datasets.map((sentence) => datasetRequirement(c, sentence.text, placeOf(source, sentence, false))),
  ];
}

interface CheckScript {
  /** Empty when the script cannot be run, which is an error of its own. */
  readonly requirements: readonly Requirement[];
  /** What becomes of the prose beside it. */
  readonly prose: Otherwise;
}

function compileCheckScript(
  c: Compilation,
  { pointer, text: written }: Sentence,
  connection: string | null,
): CheckScript {
  c.cover(pointer, written, 'automated', 'validation script');
  const script = scriptAction(c, written, connection, pointer);
  const by = script?.path ?? written;
  const prose: Otherwise = { probe: { how: 'covered', by }, how: `checked by ${by}` };
  if (script === null) return { requirements: [], prose };
  const text = `validation script ${written}`;
  const probe: MachineProbe =
    script.kind === 'script'
      ? { how: 'script', path: script.path, sha256: script.sha256 }
      : { how: 'sql-script', path: script.path, sha256: script.sha256, connection: script.connection };
  return { requirements: [{ text, probe }], prose };
}

function placeOf(
  { moment, workContext, person }: ProcedureSource,
  { pointer }: Sentence,
  baseline: boolean,
  otherwise?: Otherwise,
): Place {
  return { pointer, at: moment, connection: workContext.connection, baseline, otherwise, person };
}
