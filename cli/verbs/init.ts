import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from '@commander-js/extra-typings';
import {
  type Scaffold,
  type ScaffoldFile,
  STRATEGY_FILE,
  scaffold,
} from '../../strategy/scaffold/scaffold.js';
import { CliError, usageError } from '../cli-error.js';
import { type CliContext, printResult } from '../context.js';
import { EXIT } from '../exit.js';
import { flags } from '../flags.js';
import { actor, type Terminal } from '../terminal.js';

interface Given {
  readonly name?: string | undefined;
  readonly phase?: string[] | undefined;
  readonly role?: string | undefined;
  readonly member?: string[] | undefined;
  readonly databaseUrl?: string | undefined;
}

export function init(command: Command, { terminal, finish }: CliContext): void {
  command
    .argument('[folder]', 'the folder of the migration; created if it does not exist', '.')
    .option('--name <name>', "the migration's name (default: the folder's)")
    .option('--phase <name...>', 'the phases, in order (default: Prepare, Migrate, Clean up)')
    .option('--role <role>', 'the role that carries out steps and approves (default: Migration Lead)')
    .option('--member <name...>', 'who holds the role (default: who acts)')
    .option('--database-url <variable>', 'the environment variable with the URL of the Postgres database')
    .addOption(flags.as())
    .addOption(flags.json())
    .action(async (folder, options) => {
      const given =
        terminal.interactive && options.json !== true ? await askForRest(options, folder) : options;
      const choice = settle(given, folder, actor(options.as, terminal.env), terminal);
      const files = scaffold(choice);
      await writeNew(folder, files);
      const paths = files.map(({ path }) => join(folder, path));
      printResult(terminal, options.json, { folder: resolve(folder), files: paths }, () => [
        ...paths.map((path) => `wrote ${path}`),
        '',
        'Write the scripts: until then, each of them fails and says so.',
        `Then: sluice check ${join(folder, STRATEGY_FILE)}`,
      ]);
      finish(EXIT.done);
    });
}

const DEFAULT_PHASES = ['Prepare', 'Migrate', 'Clean up'];
const DEFAULT_ROLE = 'Migration Lead';

function settle(given: Given, folder: string, acting: string, terminal: Terminal): Scaffold {
  const phases = given.phase?.map((name) => name.trim()).filter((name) => name !== '') ?? DEFAULT_PHASES;
  if (phases.length === 0) throw usageError('A migration needs a phase.', 'Name one: --phase Migrate');
  const databaseUrl = given.databaseUrl?.trim() || null;
  if (databaseUrl !== null && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(databaseUrl)) {
    throw usageError(
      '--database-url takes the name of an environment variable, such as DATABASE_URL.',
      'The URL itself is a secret, so it stays out of the files.',
    );
  }
  return {
    name: given.name?.trim() || basename(resolve(folder)),
    role: given.role?.trim() || DEFAULT_ROLE,
    members: given.member ?? [acting],
    phases,
    databaseUrl,
    today: terminal.now().toISOString().slice(0, 10),
  };
}

/** Asks only for what no flag says; an empty answer takes the default. */
async function askForRest(given: Given, folder: string): Promise<Given> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ask = (question: string, fallback: string) => prompt.question(`${question} [${fallback}]: `);
    const name = given.name ?? (await ask('Name of the migration', basename(resolve(folder))));
    const phase =
      given.phase ??
      listIn(await ask('Phases, in order, separated by commas', DEFAULT_PHASES.join(', '))) ??
      undefined;
    const role = given.role ?? (await ask('Role that carries out steps and approves', DEFAULT_ROLE));
    const databaseUrl =
      given.databaseUrl ?? (await ask('Environment variable with the Postgres URL, if any', 'none'));
    return {
      name,
      phase,
      role,
      member: given.member,
      databaseUrl: databaseUrl === 'none' ? '' : databaseUrl,
    };
  } finally {
    prompt.close();
  }
}

function listIn(answer: string): string[] | null {
  const names = answer.split(',').filter((name) => name.trim() !== '');
  return names.length === 0 ? null : names;
}

/** Writes all files or, if one of them exists already, none. @throws CliError `exists`. */
async function writeNew(folder: string, files: readonly ScaffoldFile[]): Promise<void> {
  const written: string[] = [];
  for (const { path, text, executable } of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    try {
      await writeFile(target, text, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
    } catch (error) {
      await Promise.all(written.map((file) => rm(file)));
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      throw new CliError(
        'exists',
        `${target} exists already; nothing was written.`,
        'Name another folder, or remove the file first.',
        EXIT.problems,
      );
    }
    written.push(target);
  }
}
