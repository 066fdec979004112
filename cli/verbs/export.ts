import { rename, stat, writeFile } from 'node:fs/promises';
import type { Command } from '@commander-js/extra-typings';
import { exportRun } from '../../client/export.js';
import { recordedReport } from '../../client/report.js';
import type { Exported } from '../../strategy/export/export.js';
import { homeFolder } from '../../strategy/layout.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withClient } from '../link.js';
import { whichRun } from '../which-run.js';

export function exportVerb(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<run>', 'the id of the run, or a prefix of it')
    .argument('<file>', 'the strategy file that the run was started with')
    .option('--write', 'write the file, and print what changed instead of the text')
    .addOption(flags.json())
    .action(async (run, file, options) => {
      const home = homeFolder(terminal.env);
      const { view } =
        (await recordedReport(home, run)) ??
        (await withClient(terminal, async (client) => client.report(await whichRun(client, run))));
      const exported = await exportRun(home, file, view);
      const write = options.write === true;
      if (write && exported.changed.length > 0) await replace(file, exported.text);
      if (!write && options.json !== true) {
        terminal.out(exported.text.trimEnd());
        for (const line of describe(exported)) terminal.note(line);
      } else {
        const { text, ...rest } = exported;
        printResult(terminal, options.json, write ? rest : { text, ...rest }, () => describe(exported));
      }
      finish(EXIT.done);
    });
}

/** In one rename, with the mode that the file had. */
async function replace(file: string, text: string): Promise<void> {
  const { mode } = await stat(file);
  const part = `${file}.${process.pid}.part`;
  await writeFile(part, text, { mode });
  await rename(part, file);
}

function describe({ changed, left }: Exported): readonly string[] {
  return [
    ...changed.map(({ field, from, to }) =>
      from === null ? `${field}: ${to}` : `${field}: ${from} -> ${to}`,
    ),
    ...left.map(({ field, why }) => `not filled in: ${field}: ${why}`),
    ...(changed.length + left.length === 0
      ? ['Nothing has changed: the file says all of this already.']
      : []),
  ];
}
