import { Argument, type Command } from '@commander-js/extra-typings';
import { addKey, type KeySummary, listKeys, newKey } from '../../client/keys.js';
import { homeFolder } from '../../strategy/layout.js';
import { usageError } from '../cli-error.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { actor, type Terminal } from '../terminal.js';

const ACTIONS = ['new', 'add', 'list'] as const;

export function key(command: Command, { terminal, finish }: CliContext): void {
  command
    .addArgument(
      new Argument('<action>', 'make a key, add a private key that you have, or list the keys here').choices(
        ACTIONS,
      ),
    )
    .argument('[file]', 'for add: the private key, an Ed25519 JWK')
    .addOption(flags.as())
    .addOption(flags.json())
    .action(async (action, file, options) => {
      const home = homeFolder(terminal.env);
      const identity = actor(options.as, terminal.env);
      switch (action) {
        case 'new':
          printKept(terminal, options.json, await newKey(home, identity));
          break;
        case 'add':
          if (file === undefined)
            throw usageError(
              'sluice key add needs the file of the private key.',
              'Give its path: sluice key add FILE.',
            );
          printKept(terminal, options.json, await addKey(home, identity, file));
          break;
        case 'list':
          printKeys(terminal, options.json, await listKeys(home));
          break;
        default:
          action satisfies never;
      }
      finish(EXIT.done);
    });
}

function printKept(terminal: Terminal, json: true | undefined, kept: KeySummary): void {
  printResult(terminal, json, kept, () => [
    `The private key of ${kept.identity} is in ${kept.file}. Keep it to yourself.`,
    `Thumbprint: ${kept.thumbprint}`,
    '',
    'Add its public part to the bindings:',
    '',
    ...snippet(kept),
  ]);
}

/** What the bindings need of a key; JSON strings are YAML strings as well. */
function snippet({ identity, publicKey }: KeySummary): readonly string[] {
  const { kty, crv, x } = publicKey;
  return [
    'identity:',
    '  mode: signed',
    '  installation: production # a name of your own for each environment',
    '  keys:',
    `    ${JSON.stringify(identity)}: [{ kty: ${kty}, crv: ${crv}, x: "${x}" }]`,
  ];
}

function printKeys(terminal: Terminal, json: true | undefined, keys: readonly KeySummary[]): void {
  printResult(terminal, json, keys, () =>
    keys.length === 0
      ? ['There are no keys here. Make one: sluice key new']
      : keys.map(({ identity, thumbprint, file }) => `${identity}  ${thumbprint}  ${file}`),
  );
}
