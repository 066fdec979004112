import type { Command } from '@commander-js/extra-typings';
import { recordedRun } from '../../client/record.js';
import { homeFolder } from '../../strategy/layout.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { orRecorded } from '../recorded.js';
import { eventLine } from '../show/event-line.js';
import { whichRun } from '../which-run.js';

export function events(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the id of the run, or a prefix of it')
    .addOption(flags.json())
    .action(async (run, options) => {
      // An ended run is read from its record: no engine is needed.
      const recorded = await recordedRun(homeFolder(terminal.env), run);
      const all =
        recorded?.events ??
        (await orRecorded(
          terminal,
          run,
          () => withClient(terminal, async (client) => client.events(await whichRun(client, run))),
          ({ events: known }) => known,
        ));
      printResult(terminal, options.json, all, () => all.map(eventLine).filter((line) => line !== null));
      finish(EXIT.done);
    });
}
