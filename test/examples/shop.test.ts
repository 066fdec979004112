/**
 * The example's shop without sluice: every command of the strategy, in order, really does what its sentence says, and
 * its undos, in reverse, leave the shop as it was.
 */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeShop, openShop } from '../../examples/discount-code/shop/lifecycle.mjs';
import { freePorts } from '../../examples/discount-code/shop/ports.mjs';
import { type Snapshot, snapshot } from '../../examples/discount-code/shop/snapshot.mjs';
import type { Step } from '../../strategy/document.js';
import { parseStrategy } from '../../strategy/parse.js';
import { formatProblem } from '../../strategy/problem.js';
import { validateStrategy } from '../../strategy/validate.js';

const example = fileURLToPath(new URL('../../examples/discount-code/', import.meta.url));

const steps = readSteps(join(example, 'migration-strategy.yaml'));

let home: string;
let environment: Record<string, string>;
let before: Snapshot;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'shop-'));
  environment = await openShop(home);
  before = await snapshot(home);
});

afterAll(async () => {
  await closeShop(home);
  rmSync(home, { recursive: true, force: true });
});

describe('the discount example, by hand', () => {
  it('has undos that are harmless when there is nothing to undo', async () => {
    for (const step of [...steps].reverse()) {
      // An item restores what its step found; by hand, only what takes a service away can be tried without it.
      if (step['x-uses'] === undefined || step['x-uses'] === 'CART-V2') await undo(step);
    }
    expect(await snapshot(home)).toEqual(before);
  });

  it('is applied step by step without a failed request, and taken back to what it was', async () => {
    for (const step of steps) await apply(step);
    const applied = await snapshot(home);
    expect(applied.traffic).toBe('green');
    expect(applied.flags).toEqual(['discount-enabled 100% of all']);
    expect(applied.config).toBe('codes are noted in the carts');
    expect(applied.schema).toContain('discount_code character varying(50)');
    expect(applied.data).toBe(before.data);
    expect(applied.processes.map((name) => name.split(' ')[0])).toEqual(
      expect.arrayContaining(['cart-service-v1', 'cart-service-v2', 'discount-service']),
    );

    for (const step of [...steps].reverse()) {
      await undo(step);
      await undo(step);
    }
    expect(await snapshot(home)).toEqual(before);
    await shell('shop try uptime');
  });

  it('shares no port with another shop, not even of version 2, which does not run yet', async () => {
    const { ports } = JSON.parse(readFileSync(join(home, 'shop.json'), 'utf8'));
    const others = new Set(Object.values(await freePorts(Object.keys(ports))));
    expect(Object.values<number>(ports).filter((port) => others.has(port))).toEqual([]);
  });

  it('is opened and closed by a shell, and what cannot open says why', async () => {
    const other = mkdtempSync(join(tmpdir(), 'shop-'));
    const shop = (...args: readonly string[]) =>
      execa(join(example, 'bin/shop'), args, { env: { SHOP_HOME: other }, reject: false });
    try {
      const opened = await shop(
        'open',
        '--owner',
        String(process.pid),
        '--template',
        join(other, 'template'),
      );
      const address = /^export SHOP_URL=(\S+)$/m.exec(opened.stdout)?.[1];
      expect((await fetch(`${address}/cart/1`)).status).toBe(200);
      expect(await shop('close')).toMatchObject({ exitCode: 0 });
      await expect(fetch(`${address}/cart/1`)).rejects.toThrow('fetch failed');
      expect(readdirSync(join(other, 'run'))).toEqual([]);
      rmSync(join(other, 'database'), { recursive: true });
      writeFileSync(join(other, 'database'), 'in the way');
      rmSync(join(other, 'template'), { recursive: true });
      const refused = await shop('open');
      expect(refused).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('The shop did not open.'),
      });
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it('divides the traffic by the file that sluice changes', async () => {
    await shell(
      'kubectl apply -f k8s/cart-service-v2.yaml && kubectl rollout status deployment/cart-service-v2',
    );
    const file = join(home, 'nginx', 'cart.conf');
    const original = readFileSync(file, 'utf8');
    replaceFile(file, original.replace('weight=1;', 'weight=3;').replace('down;', 'weight=1;'));
    await shell('nginx -t && nginx -s reload');
    expect((await snapshot(home)).traffic).toBe('25% green');
    const sides = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const answer = await fetch(`${environment.SHOP_URL}/cart/1`);
        return answer.headers.get('x-upstream');
      }),
    );
    expect(new Set(sides)).toEqual(new Set(['blue', 'green']));
    replaceFile(file, original);
    await shell('nginx -s reload && kubectl delete -f k8s/cart-service-v2.yaml && shop try uptime');
    expect(await snapshot(home)).toEqual(before);
  });

  it('puts the cart table back from its copy', async () => {
    await shell('scripts/backup-cart.sh && scripts/validate-backup.sh');
    await sql('DROP TABLE cart');
    await shell('scripts/restore-cart.sh');
    await sql('DELETE FROM cart WHERE id < 100');
    await shell('scripts/restore-cart.sh');
    expect(await snapshot(home)).toEqual(before);
  });

  it('keeps the traffic where it is when the other side is not up', async () => {
    await expect(shell('shop switch green')).rejects.toThrow('green is not healthy');
    expect((await snapshot(home)).traffic).toBe('blue');
  });
});

/** As sluice does it: the traffic switch, which reads the file for each request, sees the old text or the new one. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** What sluice does for an item, by hand, and back. */
const ITEMS: Readonly<Record<string, readonly [apply: string, undo: string]>> = {
  'CART-V2': ['scripts/deploy-cart-service.sh', 'scripts/rollback-cart-service.sh'],
  'NOTE-CODES': [noted('false', 'true'), noted('true', 'false')],
  'FLAG-5': [flag(5), flag(0)],
  'FLAG-25': [flag(25), flag(5)],
  'FLAG-100': [flag(100), flag(25)],
};

function flag(percentage: number): string {
  return `feature-flag set discount-enabled --percentage=${percentage}`;
}

function noted(from: string, to: string): string {
  return `sed -i.bak 's/noted: ${from}/noted: ${to}/' "$SHOP_HOME/config/cart.yaml"`;
}

function itemOf(step: Step): readonly [apply: string, undo: string] | null {
  const uses = step['x-uses'];
  if (uses == null) return null;
  return (typeof uses === 'string' ? ITEMS[uses] : undefined) ?? ['false', 'false'];
}

async function apply(step: Step): Promise<void> {
  const { execution_details: does, validation } = step;
  const item = itemOf(step);
  const own = item === null ? (does?.commands ?? [does?.automation_script ?? 'false']) : [item[0]];
  for (const line of own) await carryOut(line);
  if (validation?.validation_script) await carryOut(validation.validation_script);
  for (const id of validation?.test_dataset_ids ?? []) {
    if (id !== 'CARTS-KEPT') await shell(`test-datasets/${id}.sh`);
    else expect(await sql(read(`test-datasets/${id}.sql`))).toBe(true);
  }
}

async function undo(step: Step): Promise<void> {
  const way = step.rollback_procedure;
  const item = itemOf(step);
  if (item !== null) return shell(item[1]);
  const lines = way?.rollback_script ? [way.rollback_script] : (way?.rollback_steps ?? []);
  for (const line of lines) await carryOut(line?.replace(/^\$ /, '') ?? null);
}

async function carryOut(line: string | null): Promise<void> {
  if (line === null) return;
  if (line.endsWith('.sql')) await sql(read(line));
  else if (line.startsWith('ALTER ')) await sql(line);
  else await shell(line);
}

async function shell(line: string): Promise<void> {
  await execa('sh', ['-c', line], {
    cwd: example,
    env: {
      ...environment,
      BACKUP_DIR: join(home, 'backup'),
      PATH: `${join(example, 'bin')}:${process.env.PATH}`,
    },
  });
}

/** The first column of the last statement's first row. */
async function sql(text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: environment.CART_DB_URL });
  await client.connect();
  try {
    const results: pg.QueryResult[] = [await client.query(text)].flat();
    return Object.values(results.at(-1)?.rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

function readSteps(file: string): readonly Step[] {
  const parsed = parseStrategy(readFileSync(file, 'utf8'), file);
  const checked = parsed.ok ? validateStrategy(parsed.value) : parsed;
  if (!checked.ok) throw new Error(checked.problems.map(formatProblem).join('\n'));
  return (checked.document.migration_phases ?? []).flatMap((phase) => phase.steps ?? []);
}

function read(path: string): string {
  return readFileSync(join(example, path), 'utf8');
}
