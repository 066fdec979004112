/** Evaluates one sentence by machine. */
import type { MachineProbeOf } from '../../strategy/kinds/probes/index.js';
import type { MachineProbe } from '../../strategy/plan.js';
import type { Baselines, Verdict } from '../../strategy/run/view.js';
import { interruptionSignal } from '../attempt.js';
import type { RunContext } from '../contract.js';
import { type Dependencies, limitsOf } from '../dependencies.js';
import { Refusal } from '../refusal.js';
import { secretForms, UnresolvedReference } from '../secrets.js';
import { evaluateAll } from './all.js';
import { evaluateCommand, evaluateScript } from './command.js';
import { evaluateHttp } from './http.js';
import { evaluateMetric } from './metric.js';
import { evaluateReconcile } from './reconcile.js';
import { evaluateSlots } from './slots.js';
import { evaluateSql, evaluateSqlScript } from './sql.js';
import { evaluateTransform } from './transform.js';
import { broken, type Evaluator, type ProbeContext, type ProbeResult, redactedLine } from './verdict.js';

type How = MachineProbe['how'];

/** What evaluates each kind of probe: one line each. Their pure halves are in strategy/kinds/probes/. */
const EVALUATORS: { readonly [H in How]: Evaluator<MachineProbeOf<H>> } = {
  command: evaluateCommand,
  script: evaluateScript,
  sql: evaluateSql,
  'sql-script': evaluateSqlScript,
  http: evaluateHttp,
  metric: evaluateMetric,
  all: evaluateAll,
  reconcile: evaluateReconcile,
  slots: evaluateSlots,
  transform: evaluateTransform,
};

export interface ProbeSettings {
  /** What will be evaluated; they may refer to secrets of their own. */
  readonly probes: readonly MachineProbe[];
  readonly baselines: Baselines;
  /** Milliseconds one probe may take. */
  readonly timeoutMs: number;
}

export async function probeContextOf(
  dependencies: Dependencies,
  context: RunContext,
  { probes, baselines, timeoutMs }: ProbeSettings,
): Promise<ProbeContext> {
  return {
    run: context,
    env: dependencies.env,
    home: dependencies.home,
    killGraceMs: limitsOf(dependencies).killGraceMs,
    timeoutMs,
    baselines,
    signal: interruptionSignal(),
    forms: await secretForms(context, dependencies.env, probes),
  };
}

/** Characters of evidence; most kinds of probe give less. */
const LONGEST_EVIDENCE = 2_000;

/** Never throws: a probe that broke is inconclusive. */
export async function probe(machine: MachineProbe, context: ProbeContext): Promise<ProbeResult> {
  const result = await findOut(machine, context).catch(brokenBy);
  return {
    ...result,
    verdict: machine.inverted === true ? OPPOSITES[result.verdict] : result.verdict,
    evidence: redactedLine(context, result.evidence, LONGEST_EVIDENCE),
  };
}

/** What breaks says nothing, whatever was expected of it. */
const OPPOSITES: Readonly<Record<Verdict, Verdict>> = {
  pass: 'fail',
  fail: 'pass',
  inconclusive: 'inconclusive',
};

function findOut<H extends How>(machine: MachineProbeOf<H>, context: ProbeContext): Promise<ProbeResult> {
  const evaluate = EVALUATORS[machine.how];
  return evaluate(machine, context);
}

function brokenBy(error: unknown): ProbeResult {
  if (error instanceof Refusal || error instanceof UnresolvedReference) return broken(error.message);
  return broken(`the probe failed: ${error instanceof Error ? error.message : String(error)}`);
}
