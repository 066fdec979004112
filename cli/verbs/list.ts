import type { Command } from '@commander-js/extra-typings';
import type { RunSummary } from '../../client/index.js';
import { elapsed } from '../../strategy/render/elapsed.js';
import { statusLabel } from '../../strategy/run/labels.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { MESSAGES } from '../messages.js';

export function list(command: Command, { terminal, finish }: CliContext): void {
  command.addOption(flags.json()).action(async (options) => {
    const runs = await withClient(terminal, (client) => client.list());
    printResult(terminal, options.json, runs, () => describeRuns(runs, terminal.now()));
    finish(EXIT.done);
  });
}

/** One line per run. */
function describeRuns(runs: readonly RunSummary[], now: Date): string[] {
  if (runs.length === 0) return [MESSAGES.noRuns];
  const width = Math.max(...runs.map(({ run }) => run.length));
  return runs.map(({ run, status, strategy, startedAt, endedAt }) => {
    const watched = status === 'completed' && endedAt === null ? '  (still watched)' : '';
    const columns = [
      run.padEnd(width),
      statusLabel(status).padEnd(12),
      elapsed(startedAt, endedAt, now).padStart(8),
    ];
    return `${columns.join('  ')}  ${strategy ?? ''}${watched}`.trimEnd();
  });
}
