/**
 * What is carried out while everything is killed: runs of commands, SQL and an index, in two phases with a gate each.
 * Every effect writes its name where it can be counted: `apply A.0` is the first action of step A.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStrategy } from '../../client/read.js';
import type { Plan } from '../../strategy/plan.js';
import { formatProblem } from '../../strategy/problem.js';
import type { OnFailure } from '../../strategy/run/view.js';
import { gate, phase, step, strategy } from '../support/strategies.js';

/** A step and how many actions it has; in the order of the plan. */
export const STEPS: readonly { readonly id: string; readonly actions: readonly string[] }[] = [
  { id: 'A', actions: ['apply A.0'] },
  { id: 'B', actions: ['apply B.0'] },
  { id: 'C', actions: ['apply C.0'] },
  { id: 'D', actions: ['apply D.0'] },
  { id: 'I', actions: ['apply I.0'] },
  { id: 'E', actions: ['apply E.0', 'apply E.1'] },
];

/** The step whose only action fails in every third run; it has no effect of its own, and its undo has one. */
export const FAILING = 'X';

export interface Case {
  readonly run: string;
  readonly plan: Plan;
  readonly workspace: string;
  readonly ledger: string;
  readonly onFailure: OnFailure;
  readonly fails: boolean;
}

/** The table and the index of a run in the target database. */
export function namesOf(run: string): { readonly table: string; readonly index: string } {
  const name = run.replaceAll('-', '_');
  return { table: `t_${name}`, index: `i_${name}` };
}

/**
 * Three kinds of runs by turns: asked about every failure; taking everything back by itself; and failing at the end
 * under gates that roll back at once, so that the ladder is climbed.
 */
export async function makeCase(folder: string, number: number): Promise<Case> {
  const run = `run-${number}`;
  const kind = number % 3;
  const fails = kind === 0 || number % 4 === 0;
  const workspace = join(folder, run);
  const ledger = join(workspace, 'ledger');
  mkdirSync(workspace);
  writeFileSync(ledger, '');
  const file = join(workspace, 'migration-strategy.yaml');
  writeFileSync(file, JSON.stringify(strategyOf(run, fails, kind === 0 ? 'rollback' : 'manual_decision')));
  const bindings = {
    environment: { LEDGER: ledger },
    connections: { ledger: { postgres: '${env:LEDGER_DB}' } },
  };
  writeFileSync(join(workspace, 'migration-bindings.yaml'), JSON.stringify(bindings));
  const { plan, problems } = await readStrategy(file);
  if (plan === null) throw new Error(problems.map(formatProblem).join('\n'));
  return { run, plan, workspace, ledger, onFailure: kind === 2 ? 'full' : 'strategy', fails };
}

function strategyOf(run: string, fails: boolean, failureResponse: string): object {
  const { table, index } = namesOf(run);
  const asked = { failure_response: failureResponse };
  const idempotent = { 'x-idempotent': true, 'x-retry': { attempts: 4, delay: '1s' } };
  return strategy([
    phase(
      'P1',
      1,
      [
        step('A', 1, { commands: [late('A.0')], undo: [late('A.0')] }),
        bySql('B', 2, insert(run, 'apply B.0'), insert(run, 'undo B.0')),
        step('C', 3, { commands: [guarded('C.0')], undo: [guarded('C.0')], more: idempotent }),
      ],
      gate('G1', { ...asked, approval_required: true, approvers: ['Lead'] }),
    ),
    phase(
      'P2',
      2,
      [
        bySql('D', 1, insert(run, 'apply D.0'), insert(run, 'undo D.0')),
        bySql(
          'I',
          2,
          `create index concurrently ${index} on ${table} (what)`,
          `drop index concurrently if exists ${index}`,
        ),
        step('E', 3, { commands: [late('E.0'), late('E.1')], undo: [late('E.0')] }),
        step(FAILING, 4, { commands: [fails ? 'exit 1' : 'true'], undo: [late('X.0')] }),
      ],
      gate('G2', asked),
    ),
  ]);
}

/**
 * The effect comes from a child of the command's shell, in the middle of its time: so the command can be killed
 * before its effect, after it, and without its child.
 */
function late(name: string): string {
  return `sh -c 'sleep 0.5; echo "$SLUICE_PURPOSE ${name} $SLUICE_ATTEMPT" >> "$LEDGER"'; sleep 0.5`;
}

/** May be run any number of times, as `x-idempotent` promises. */
function guarded(name: string): string {
  return `sleep 0.4; grep -q "^$SLUICE_PURPOSE ${name} " "$LEDGER" || echo "$SLUICE_PURPOSE ${name} $SLUICE_ATTEMPT" >> "$LEDGER"; sleep 0.2`;
}

function insert(run: string, effect: string): string {
  return `insert into ledger (run, effect) select '${run}', '${effect}' from pg_sleep(0.2)`;
}

function bySql(id: string, order: number, apply: string, undo: string): object {
  return step(id, order, {
    commands: [`sql: ${apply}`],
    undo: null,
    more: { rollback_procedure: { can_rollback: true, rollback_steps: [`sql: ${undo}`] } },
  });
}
