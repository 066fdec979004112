/** What carries out each kind of effect: one line each. Their pure halves are in strategy/kinds/effects/. */
import type { ActionOf, MachineAction } from '../../strategy/kinds/effects/index.js';
import type { EffectJob, EffectOutcome } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { runBackup } from './backup/backup.js';
import { runCommand } from './command/command.js';
import { runConfigFile } from './config-file/config-file.js';
import { runMirror } from './mirror/mirror.js';
import { runReconcile } from './reconcile/reconcile.js';
import { runStream } from './replication/stream.js';
import { runRows } from './rows/rows.js';
import { runSetting } from './setting/setting.js';
import { runSql } from './sql/sql.js';
import { runSync } from './sync/sync.js';
import { runTraffic } from './traffic/traffic.js';

type Kind = MachineAction['kind'];

/**
 * Carries the action out, or finds what an earlier attempt of the same key did. Whatever becomes of it is an outcome;
 * it throws only when the next attempt must do it, which is then safe.
 */
export type EffectRunner<A extends MachineAction> = (
  dependencies: Dependencies,
  job: EffectJob<A>,
) => Promise<EffectOutcome>;

const RUNNERS: { readonly [K in Kind]: EffectRunner<ActionOf<K>> } = {
  command: runCommand,
  script: runCommand,
  sql: runSql,
  'sql-script': runSql,
  'config-file': runConfigFile,
  rows: runRows,
  mirror: runMirror,
  reconcile: runReconcile,
  stream: runStream,
  sync: runSync,
  backup: runBackup,
  setting: runSetting,
  traffic: runTraffic,
};

export function runEffect<K extends Kind>(
  dependencies: Dependencies,
  job: EffectJob<ActionOf<K>>,
): Promise<EffectOutcome> {
  const run = RUNNERS[job.action.kind];
  return run(dependencies, job);
}
