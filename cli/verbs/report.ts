import { type Command, Option } from '@commander-js/extra-typings';
import { recordedReport, watchedReport } from '../../client/report.js';
import { homeFolder } from '../../strategy/layout.js';
import type { Report } from '../../strategy/report/report.js';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { orRecorded } from '../recorded.js';
import { whichRun } from '../which-run.js';

export function report(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the id of the run, or a prefix of it')
    .addOption(
      new Option(
        '--format <format>',
        'html, one page that needs no network and prints; json or yaml for programs',
      )
        .choices(['html', 'json', 'yaml'] as const)
        .default('html' as const),
    )
    .addOption(flags.json())
    .action(async (run, options) => {
      const made =
        (await recordedReport(homeFolder(terminal.env), run)) ??
        (await orRecorded(
          terminal,
          run,
          () => withClient(terminal, async (client) => client.report(await whichRun(client, run))),
          () => watchedReport(homeFolder(terminal.env), run),
        ));
      terminal.out((await render(made, options.json ? 'json' : options.format)).trimEnd());
      finish(EXIT.done);
    });
}

/** Only what is asked for is loaded. */
async function render(made: Report, format: 'html' | 'json' | 'yaml'): Promise<string> {
  switch (format) {
    case 'html':
      return (await import('../../strategy/report/page.js')).renderReportPage(made);
    case 'json':
      return JSON.stringify(made, null, 2);
    case 'yaml':
      return (await import('yaml')).stringify(made, { aliasDuplicateObjects: false });
    default:
      return format satisfies never;
  }
}
