import { type Command, Option } from '@commander-js/extra-typings';
import { storePlan } from '../../client/plan-store.js';
import { homeFolder } from '../../strategy/layout.js';
import type { Plan } from '../../strategy/plan.js';
import { renderPlan } from '../../strategy/render/plan.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { planOf, readFiles } from '../strategy-file.js';

export function plan(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<file>', 'the migration-strategy.yaml')
    .addOption(flags.bindings())
    .addOption(flags.unbound())
    .addOption(flags.strict())
    .addOption(
      new Option(
        '--format <format>',
        'text; json for programs; mermaid, a flowchart; html, one page for reviewers that needs no network',
      )
        .choices(['text', 'json', 'mermaid', 'html'] as const)
        .default('text' as const),
    )
    .option(
      '--store',
      'store the plan under its hash in SLUICE_HOME, for a run that waits for its stored plan',
    )
    .addOption(flags.json())
    .action(async (file, options) => {
      const made = planOf(file, await readFiles(file, options), terminal);
      if (options.store) {
        const path = await storePlan(made, homeFolder(terminal.env));
        terminal.note(`Stored as ${path}. A run that waits for this plan continues within seconds.`);
      }
      const json = options.json ?? options.format === 'json';
      const text = json ? '' : await render(made, options.format);
      printResult(terminal, json, made, () => [text.trimEnd()]);
      finish(EXIT.done);
    });
}

/** Only what is asked for is loaded. */
async function render(made: Plan, format: 'text' | 'json' | 'mermaid' | 'html'): Promise<string> {
  switch (format) {
    case 'mermaid':
      return (await import('../../strategy/render/mermaid.js')).renderMermaid(made);
    case 'html':
      return (await import('../../strategy/render/plan-page.js')).renderPlanPage(made);
    default:
      return renderPlan(made);
  }
}
