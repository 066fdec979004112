import type { Command } from '@commander-js/extra-typings';
import { recordedRun } from '../../client/record.js';
import type { Sluice } from '../../client/sluice.js';
import { homeFolder } from '../../strategy/layout.js';
import { usageError } from '../cli-error.js';
import { type CliContext, printResult } from '../context.js';
import { exitOf } from '../exit.js';
import { flags } from '../flags.js';
import { followLines } from '../follow-lines.js';
import { followLive } from '../follow-live.js';
import { withInterrupt } from '../interrupt.js';
import { withClient } from '../link.js';
import { orRecorded } from '../recorded.js';
import { describeStatus } from '../show/status.js';
import type { Terminal } from '../terminal.js';
import { watchedRun } from '../watched.js';
import { onlyRun, whichRun } from '../which-run.js';

export function status(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('[run]', 'the id of the run, or a prefix of it (default: the one under way, else the latest)')
    .option('--watch', 'follow the run until it ends')
    .addOption(flags.json())
    .action(async (run, options) => {
      if (options.watch && options.json) {
        throw usageError(
          '--watch draws for people, and --json prints one document.',
          'Use only one of them.',
        );
      }
      const recorded = run === undefined ? null : await recordedRun(homeFolder(terminal.env), run);
      if (recorded !== null) {
        printResult(terminal, options.json, recorded.view, () => describeStatus(recorded.view, terminal));
        return finish(exitOf(recorded.view));
      }
      const asked = withClient(terminal, async (client) => {
        const found = run === undefined ? await onlyRun(client) : await whichRun(client, run);
        if (options.watch) await watch(client, found, terminal);
        const view = await client.view(found);
        if (!options.watch || !terminal.interactive) {
          printResult(terminal, options.json, view, () => describeStatus(view, terminal));
        }
        finish(exitOf(view));
      });
      await orRecorded(
        terminal,
        run,
        () => asked,
        ({ view }) => {
          printResult(terminal, options.json, view, () => describeStatus(view, terminal));
          finish(exitOf(view));
        },
      );
    });
}

async function watch(client: Sluice, run: string, terminal: Terminal): Promise<void> {
  const watched = watchedRun(client, run, (text) => terminal.note(`sluice: ${text}`));
  await withInterrupt(
    () => undefined,
    async ({ signal }) => {
      if (terminal.interactive) {
        await followLive(watched, { terminal, prompter: null, noWait: false, signal });
      } else {
        await followLines(watched, { say: (line) => terminal.out(line), noWait: false, signal });
      }
    },
  );
}
