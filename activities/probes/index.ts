/** Evaluates one sentence by machine. */
import type { MachineProbe } from '../../strategy/plan.js';
import { interruptionSignal } from '../attempt.js';
import { type Clients, limitsOf } from '../clients.js';
import type { Setting } from '../contract.js';
import { Refusal } from '../program.js';
import { redact } from '../redact.js';
import { UnresolvedReference } from '../secrets.js';
import { oneLine } from '../tail.js';
import { probeCommand } from './command.js';
import { probeHttp } from './http.js';
import { probeMetric } from './metric.js';
import { probeSql, probeSqlScript } from './sql.js';
import { type Finding, inconclusive, type Site } from './verdict.js';

export function siteOf(clients: Clients, setting: Setting, timeoutMs: number): Site {
  return {
    setting,
    env: clients.env,
    killGraceMs: limitsOf(clients).killGraceMs,
    timeoutMs,
    signal: interruptionSignal(),
  };
}

/** Never throws: a probe that broke is inconclusive. The evidence is one line without secrets; `forms`: see redact.ts. */
export async function probe(machine: MachineProbe, site: Site, forms: readonly string[]): Promise<Finding> {
  const { verdict, evidence } = await findOut(machine, site).catch(broken);
  return { verdict, evidence: oneLine(redact(forms, evidence)) };
}

async function findOut(machine: MachineProbe, site: Site): Promise<Finding> {
  switch (machine.how) {
    case 'command':
      return probeCommand({ kind: 'command', text: machine.text }, machine.args, site);
    case 'script':
      return probeCommand({ kind: 'script', path: machine.path }, [], site);
    case 'sql':
      return probeSql(machine.text, machine.args, machine.connection, site);
    case 'sql-script':
      return probeSqlScript(machine.path, machine.connection, site);
    case 'http':
      return probeHttp(machine, site);
    case 'metric':
      return probeMetric(machine.metric, machine.comparison, site);
    default:
      return machine satisfies never;
  }
}

function broken(error: unknown): Finding {
  if (error instanceof Refusal || error instanceof UnresolvedReference) return inconclusive(error.message);
  return inconclusive(`the probe broke: ${error instanceof Error ? error.message : String(error)}`);
}
