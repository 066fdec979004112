import type { Command } from '@commander-js/extra-typings';
import { embeddedEngine } from '../../client/engine.js';
import { homeFolder } from '../../strategy/layout.js';
import type { DecisionSummary } from '../../strategy/run/decision.js';
import { dashboardBase, pageLink } from '../../strategy/run/page-link.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { MESSAGES } from '../messages.js';
import { describeSummary } from '../show/decision.js';
import type { Terminal } from '../terminal.js';

export function inbox(command: Command, { terminal, finish }: CliContext): void {
  command
    .option('--as <name>', 'only what this identity, or a holder of this role, may answer')
    .addOption(flags.json())
    .action(async ({ as, ...options }) => {
      const found = await withClient(terminal, (client) => client.inbox(as));
      const { entries } = found;
      const page = dashboardOf(terminal);
      printResult(terminal, options.json, found, () =>
        entries.length === 0
          ? [MESSAGES.noDecisions]
          : entries.flatMap(({ run, decision, options }) => [
              ...describeSummary(run, decision, terminal, options, voterOf(decision, as)),
              `    ${page === null ? `sluice status ${run}` : pageLink(page, run, decision.id)}   shows the evidence`,
            ]),
      );
      finish(EXIT.done);
    });
}

/** The name to answer under: not that of a role whose holders the bindings name, who vote under their own. */
function voterOf({ needs }: DecisionSummary, as: string | undefined): string | undefined {
  return needs.some(({ role, members }) => role === as && members !== undefined) ? undefined : as;
}

/** Where the dashboard is reached, as far as this home knows. */
function dashboardOf({ env }: Terminal): string | null {
  return dashboardBase(env.SLUICE_PUBLIC_URL, embeddedEngine(homeFolder(env))?.dashboard ?? null);
}
