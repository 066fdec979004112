import type { Command } from '@commander-js/extra-typings';
import { formatProblem } from '../../strategy/problem.js';
import { inOrder } from '../../strategy/problems.js';
import { renderCoverage } from '../../strategy/render/coverage.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { readFiles } from '../strategy-file.js';

export function check(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<file>', 'the migration-strategy.yaml')
    .addOption(flags.bindings())
    .addOption(flags.unbound())
    .addOption(flags.strict())
    .option('--all', 'list the coverage sentence by sentence')
    .addOption(flags.json())
    .action(async (file, options) => {
      const checked = await readFiles(file, options);
      const { coverage } = checked;
      const problems = inOrder([...checked.problems, ...checked.lint]);
      const ok = checked.ok && problems.every(({ severity }) => severity !== 'error');
      const document = {
        ok,
        // Text shows no hash, and hashing a large plan takes as long as all else.
        get hash() {
          return checked.plan?.hash ?? null;
        },
        problems,
        coverage,
      };
      printResult(terminal, options.json, document, () => [
        ...problems.map(formatProblem),
        ...(coverage === null ? [] : [renderCoverage(coverage, { all: options.all === true }).trimEnd()]),
        verdict(file, ok, problems.length),
      ]);
      finish(ok ? EXIT.done : EXIT.problems);
    });
}

function verdict(file: string, ok: boolean, problems: number): string {
  if (!ok) return `${file} cannot run: correct the errors above.`;
  return problems === 0 ? `${file} is good.` : `${file} can run, with the warnings above.`;
}
