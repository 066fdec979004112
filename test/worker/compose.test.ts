/** docker-compose.yml, as far as it can be looked at without a Docker engine. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { TUNED } from '../../worker/server.js';

const FILE = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));

test("a team's engine has the settings of the embedded one", () => {
  const { configs } = load(readFileSync(FILE, 'utf8')) as {
    readonly configs: { readonly dynamic: { readonly content: string } };
  };
  const settings = load(configs.dynamic.content) as Readonly<
    Record<string, readonly [{ readonly value: unknown }]>
  >;
  const told = Object.entries(settings).map(([name, [{ value }]]) => `${name}=${JSON.stringify(value)}`);
  expect(told.sort()).toEqual([...TUNED].sort());
});

/** The client alone checks a file: `docker compose config` needs no engine. */
const CLIENT = [['docker', 'compose'], ['docker-compose']].find(
  ([program = '', ...args]) => spawnSync(program, [...args, 'version']).status === 0,
);

test.skipIf(CLIENT === undefined)('the Docker client takes it', () => {
  const [program = '', ...args] = CLIENT ?? [];
  const { status, stderr } = spawnSync(program, [...args, '-f', FILE, 'config', '--quiet'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
