import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { homeFolder, rehearsalsFolder } from '../../strategy/layout.js';
import { isGood } from '../../strategy/rehearsal/result.js';
import { rehearsalLines } from '../../strategy/rehearsal/table.js';
import { parseDuration } from '../../strategy/sentence/duration.js';
import { CliError } from '../cli-error.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { factor, flags } from '../flags.js';
import { withInterrupt } from '../interrupt.js';
import { MESSAGES } from '../messages.js';
import { progressDisplay } from '../show/rehearsal.js';
import { planOf, readFiles } from '../strategy-file.js';

/** A day takes a tenth of a second. */
const COMPRESS = 864_000;
const JOBS = 4;
const SEED = 1;
const PATIENCE_MS = 300_000;

export function rehearse(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<file>', 'the migration-strategy.yaml')
    .addOption(flags.bindings())
    .addOption(flags.unbound())
    .addOption(flags.strict())
    .option('--only <id>', 'rehearse the points of this step, gate or rollback point of a phase only')
    .option('--jobs <n>', 'how many trials run at a time', whole, JOBS)
    .option('--compress <n>', 'divide every soak, interval, deadline and delay by this', factor, COMPRESS)
    .option('--seed <n>', 'choose the voters by this number', whole, SEED)
    .option(
      '--patience <duration>',
      'a run in which nothing happens for this long is stuck (default: 5 minutes)',
      duration,
    )
    .option('--out <folder>', 'where results and evidence go (default: a folder of this plan in SLUICE_HOME)')
    .option('--fresh', 'repeat the points that an earlier rehearsal of the same files has finished')
    .addOption(flags.json())
    .action(async (file, options) => {
      const checked = await readFiles(file, options);
      const plan = planOf(file, checked, terminal);
      const { rehearsal: settings, workspace } = checked;
      if (settings === null) throw new Error('A plan without rehearsal settings.');
      const { rehearse: carryOut } = await import('../../rehearsal/rehearse.js');
      const { NotRehearsed } = await import('../../rehearsal/not-rehearsed.js');
      const home = homeFolder(terminal.env);
      const folder = resolve(options.out ?? rehearsalsFolder(home, plan.hash));
      const progress = progressDisplay(terminal, options.json === true);
      await withInterrupt(
        () => terminal.note(MESSAGES.stoppingRehearsal),
        async ({ signal }) => {
          try {
            const { only = null, jobs, seed, compress, patience = PATIENCE_MS, fresh = false } = options;
            const report = await carryOut({
              ...{ plan, settings, workspace, folder, only, jobs, seed, compress, fresh, signal },
              env: terminal.env,
              patienceMs: patience,
              log: (line) => terminal.note(`sluice: ${line}`),
              progress: progress.show,
            });
            progress.end();
            printResult(terminal, options.json, { folder, ...report }, () => [
              ...rehearsalLines(report.results),
              `Results and evidence: ${folder}`,
            ]);
            finish(report.results.every(isGood) ? EXIT.done : EXIT.problems);
          } catch (error) {
            progress.end();
            if (signal.aborted) {
              throw new CliError(
                'interrupted',
                'The rehearsal was interrupted. Its copies are removed.',
                'Finished points are kept: the same command continues with the others.',
                EXIT.interrupted,
              );
            }
            if (!(error instanceof NotRehearsed)) throw error;
            throw new CliError('not-rehearsed', error.message, null, EXIT.problems);
          }
        },
      );
    });
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('Give a whole number from 1 on.');
  return value;
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms <= 0) throw new InvalidArgumentError('Write it as "90s" or "5 minutes".');
  return ms;
}
