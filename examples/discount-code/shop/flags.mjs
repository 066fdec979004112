/**
 * Feature flags: a percentage of the users, or of the internal ones only. Kept in SHOP_HOME/flags.json.
 * A user always falls into the same one of 100 buckets, so widening a flag never takes it away from anybody.
 */
import { join } from 'node:path';
import { readIfThere, writeWhole } from './home.mjs';

/** Everybody in the first five buckets works here. */
const INTERNAL_BUCKETS = 5;

export function readFlags(home) {
  return JSON.parse(readIfThere(join(home, 'flags.json')) ?? '{}');
}

export function writeFlags(home, flags) {
  writeWhole(join(home, 'flags.json'), `${JSON.stringify(flags, null, 2)}\n`);
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
