/** Evaluates one sentence by machine. */
import type { MachineProbe } from '../../strategy/plan.js';
import type { Baselines } from '../../strategy/run/view.js';
import { interruptionSignal } from '../attempt.js';
import type { RunContext } from '../contract.js';
import { type Dependencies, limitsOf } from '../dependencies.js';
import { Refusal } from '../program.js';
import { secretForms, UnresolvedReference } from '../secrets.js';
import { probeCommand } from './command.js';
import { probeHttp } from './http.js';
import { probeMetric } from './metric.js';
import { probeSql, probeSqlScript } from './sql.js';
import { inconclusive, type ProbeContext, type ProbeResult, redactedLine } from './verdict.js';

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
    killGraceMs: limitsOf(dependencies).killGraceMs,
    timeoutMs,
    baselines,
    signal: interruptionSignal(),
    forms: await secretForms(context, dependencies.env, probes),
  };
}

/** Never throws: a probe that broke is inconclusive. */
export async function probe(machine: MachineProbe, context: ProbeContext): Promise<ProbeResult> {
  const { verdict, evidence } = await findOut(machine, context).catch(broken);
  return { verdict, evidence: redactedLine(context, evidence) };
}

async function findOut(machine: MachineProbe, context: ProbeContext): Promise<ProbeResult> {
  switch (machine.how) {
    case 'command':
      return probeCommand({ kind: 'command', text: machine.text }, machine.args, context);
    case 'script':
      return probeCommand({ kind: 'script', path: machine.path }, [], context);
    case 'sql':
      return probeSql(machine.text, machine.args, machine.connection, context);
    case 'sql-script':
      return probeSqlScript(machine.path, machine.connection, context);
    case 'http':
      return probeHttp(machine, context);
    case 'metric':
      return probeMetric(machine.metric, machine.comparison, context);
    default:
      return machine satisfies never;
  }
}

function broken(error: unknown): ProbeResult {
  if (error instanceof Refusal || error instanceof UnresolvedReference) return inconclusive(error.message);
  return inconclusive(`the probe broke: ${error instanceof Error ? error.message : String(error)}`);
}
