/** Evaluates one sentence by machine. */
import type { MachineProbe } from '../../strategy/plan.js';
import { interruptionSignal } from '../attempt.js';
import { type Clients, limitsOf } from '../clients.js';
import type { Setting } from '../contract.js';
import { Refusal } from '../program.js';
import { secretForms, UnresolvedReference } from '../secrets.js';
import { probeCommand } from './command.js';
import { probeHttp } from './http.js';
import { probeMetric } from './metric.js';
import { probeSql, probeSqlScript } from './sql.js';
import { type Finding, inconclusive, type Site, told } from './verdict.js';

/** `probes`: what will be evaluated there; they may refer to secrets of their own. */
export async function siteOf(
  clients: Clients,
  setting: Setting,
  probes: readonly MachineProbe[],
  timeoutMs: number,
): Promise<Site> {
  return {
    setting,
    env: clients.env,
    killGraceMs: limitsOf(clients).killGraceMs,
    timeoutMs,
    signal: interruptionSignal(),
    forms: await secretForms(setting, clients.env, probes),
  };
}

/** Never throws: a probe that broke is inconclusive. */
export async function probe(machine: MachineProbe, site: Site): Promise<Finding> {
  const { verdict, evidence } = await findOut(machine, site).catch(broken);
  return { verdict, evidence: told(site, evidence) };
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
