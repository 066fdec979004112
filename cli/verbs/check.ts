import type { Command } from '@commander-js/extra-typings';
import type { Checked } from '../../client/read.js';
import type { DatabaseProblem } from '../../databases/check.js';
import { formatProblem } from '../../strategy/problem.js';
import { inOrder } from '../../strategy/problems.js';
import { renderCoverage } from '../../strategy/render/coverage.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { withInterrupt } from '../interrupt.js';
import { readFiles } from '../strategy-file.js';
import type { Terminal } from '../terminal.js';

export function check(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<file>', 'the migration-strategy.yaml')
    .addOption(flags.bindings())
    .addOption(flags.unbound())
    .addOption(flags.strict())
    .option('--connect', 'look into the databases as well for what would stop a data migration; only reads')
    .option('--all', 'list the coverage sentence by sentence')
    .addOption(flags.json())
    .action(async (file, options) => {
      const checked = await readFiles(file, options);
      const { coverage } = checked;
      const connected = options.connect === true ? await lookInto(checked, terminal) : [];
      const problems = inOrder([...checked.problems, ...checked.lint]);
      const ok = checked.ok && [...problems, ...connected].every(({ severity }) => severity !== 'error');
      const document = {
        ok,
        // Text shows no hash, and hashing a large plan takes as long as all else.
        get hash() {
          return checked.plan?.hash ?? null;
        },
        problems,
        coverage,
        ...(options.connect && { databases: connected }),
      };
      printResult(terminal, options.json, document, () => [
        ...problems.map(formatProblem),
        ...connected.map(({ severity, subject, message }) => `${subject}: ${severity}: ${message}`),
        ...(coverage === null ? [] : [renderCoverage(coverage, { all: options.all === true }).trimEnd()]),
        verdict(file, ok, problems.length + connected.length),
      ]);
      finish(ok ? EXIT.done : EXIT.problems);
    });
}

/** Nothing without a plan: its errors come first. */
async function lookInto(
  { plan, workspace }: Checked,
  terminal: Terminal,
): Promise<readonly DatabaseProblem[]> {
  if (plan === null) return [];
  const { checkDatabases } = await import('../../databases/check.js');
  return withInterrupt(
    () => terminal.note('Stopping. Nothing was changed.'),
    ({ signal }) => checkDatabases({ plan, workspace, env: terminal.env }, signal),
  );
}

function verdict(file: string, ok: boolean, problems: number): string {
  if (!ok) return `${file} cannot run: correct the errors above.`;
  return problems === 0 ? `${file} is good.` : `${file} can run, with the warnings above.`;
}
