import type { Command } from '@commander-js/extra-typings';
import { type Verification, verifyRecord } from '../../client/verify.js';
import { voterKeys } from '../../client/voter-keys.js';
import { homeFolder } from '../../strategy/layout.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';

export function verify(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('<file>', 'the record.jsonl of a run; its signed head lies beside it')
    .option('--head <hash...>', 'heads that notices or reports named; each must be in the record')
    .option('--key <file...>', 'public keys (PEM) to trust besides those of SLUICE_HOME')
    .option('--bindings <file>', 'the bindings whose identity.keys verify signed votes and commands')
    .addOption(flags.json())
    .action(async (file, options) => {
      const home = homeFolder(terminal.env);
      const verification = await verifyRecord(file, {
        home,
        heads: options.head ?? [],
        keys: options.key ?? [],
        voters: await voterKeys(home, options.bindings),
      });
      printResult(terminal, options.json, verification, () => describe(file, verification));
      finish(verification.ok ? EXIT.done : EXIT.problems);
    });
}

function describe(
  file: string,
  { ok, events, head, signed, keyId, votes, findings }: Verification,
): readonly string[] {
  const what = `${file}: ${events} ${events === 1 ? 'event' : 'events'}${signed === null ? '' : ` of run ${signed.run}`}`;
  const closed = signed?.closedAt ?? null;
  return [
    `${what}: ${ok ? 'nothing was changed' : `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`}.`,
    ...findings.map(({ kind, message }) => `  ${kind}: ${message}`),
    ...(head === null ? [] : [`head ${head}`]),
    ...(keyId === null ? [] : [`key  ${keyId}`]),
    ...describeVotes(votes),
    ...(signed === null || closed !== null ? [] : ['The head was signed while the run was open.']),
  ];
}

function describeVotes({ signed, verified, unknown }: Verification['votes']): readonly string[] {
  if (signed === 0) return [];
  const count = `${verified} of ${signed} signed votes and commands hold.`;
  if (unknown.length === 0) return [count];
  return [`${count} No key is known here of ${unknown.join(', ')}: name the bindings with --bindings.`];
}
