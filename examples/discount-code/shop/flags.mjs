/**
 * Feature flags: a percentage of the users, or of the internal ones only. Each is a file in
 * SHOP_HOME/flags, such as "25 all", which `feature-flag` writes.
 * A user always falls into the same one of 100 buckets, so widening a flag never takes it away from anybody.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, writeWhole } from './home.mjs';

/** Everybody in the first five buckets works here. */
const INTERNAL_BUCKETS = 5;

const folderOf = (home) => join(home, 'flags');

/** @returns {Record<string, { percentage: number, users: string }>} */
export function readFlags(home) {
  const names = readdirSync(folderOf(home)).filter((name) => !name.startsWith('.'));
  return Object.fromEntries(names.map((name) => [name, readFlag(home, name)]));
}

function readFlag(home, name) {
  const [percentage, users] = (readIfThere(join(folderOf(home), name)) ?? '').trim().split(' ');
  return { percentage: Number(percentage), users };
}

export function writeFlag(home, name, { percentage, users }) {
  writeWhole(join(folderOf(home), name), `${percentage} ${users}\n`);
}

export function bucketOf(user) {
  return user % 100;
}

/** True when the flag is on for this user. */
export function isOn(flags, name, user) {
  const flag = flags[name];
  if (!flag) return false;
  const bucket = bucketOf(user);
  if (flag.users === 'internal' && bucket >= INTERNAL_BUCKETS) return false;
  return bucket < flag.percentage;
}
