import type { Command } from '@commander-js/extra-typings';
import { findKey } from '../../client/keys.js';
import { differenceOf } from '../../strategy/rehearsal/difference.js';
import { renderPlan } from '../../strategy/render/plan.js';
import { describeCommand } from '../../strategy/run/receipt.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { MESSAGES } from '../messages.js';
import { planOf, readFiles } from '../strategy-file.js';
import { actor } from '../terminal.js';
import { withExactRun } from '../which-run.js';

export function amend(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the full id of the run')
    .argument('<file>', 'the corrected strategy')
    .addOption(flags.bindings())
    .addOption(flags.unbound())
    .option('--dry-run', 'show the difference, and send nothing')
    .addOption(flags.as())
    .addOption(flags.reason())
    .addOption(flags.key())
    .addOption(flags.json())
    .action(async (run, file, { dryRun = false, bindings, unbound, as, reason, key, json }) => {
      const plan = planOf(file, await readFiles(file, { bindings, unbound }), terminal);
      const by = actor(as, terminal.env);
      await withClient(terminal, (client) =>
        withExactRun(client, run, async () => {
          const current = await client.plan(run);
          const difference = current === null ? [] : differenceOf(renderPlan(current), renderPlan(plan));
          if (!dryRun) {
            await client.amend(run, plan, by, {
              reason,
              onWaiting: (seconds) => terminal.note(MESSAGES.waiting(seconds)),
              key: (identity) => findKey(client.home, identity, key),
            });
          }
          printResult(terminal, json, { run, plan: plan.hash, by, dryRun, difference }, () => [
            ...difference,
            ...(dryRun ? [] : [describeCommand(run, { command: 'amend', by, plan })]),
          ]);
        }),
      );
      finish(EXIT.done);
    });
}
