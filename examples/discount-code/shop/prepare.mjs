/** The folder of a shop before anything runs in it. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeConfig } from './config.mjs';
import { writeFlag } from './flags.mjs';
import { urlOf, writeWhole } from './home.mjs';
import { freePorts } from './ports.mjs';
import { ENVIRONMENT } from './processes.mjs';
import { configureProxy } from './proxy.mjs';

const NAMES = [
  'database',
  'cart-service-v1',
  'cart-service-v2',
  'discount-service',
  'nginx',
  'traffic-switch',
  'slack',
  'load',
  'collector',
  ENVIRONMENT,
];

/** As before the migration: all traffic to version 1, the flag off. */
export async function prepare(home, { badCart, template, owner }) {
  mkdirSync(join(home, 'run'), { recursive: true });
  // Postgres may run as another user, who must be able to walk through.
  chmodSync(home, 0o711);
  const ports = await freePorts(NAMES);
  const nginx = configureProxy(home, ports);
  writeWhole(join(home, 'shop.json'), JSON.stringify({ ports, owner, badCart, template, nginx }, null, 2));
  writeWhole(join(home, 'address'), urlOf(home, ENVIRONMENT));
  writeConfig(home);
  writeFlag(home, 'discount-enabled', { percentage: 0, users: 'all' });
}
