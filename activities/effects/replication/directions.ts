/** Both directions of a stream, and how nothing is left of them. */
import { tableText } from '../../../strategy/kinds/effects/rows.js';
import { type Direction, dropDirection, leftovers } from './objects.js';
import { inTransaction, type Setting, Stopped } from './setting.js';
import type { Stream } from './state.js';
import { dropSyncSlots } from './sync-slots.js';
import { dropTriggers } from './triggers.js';

/** From the source to the target. It stays when the writes are switched over: the source is fenced, so nothing comes from it. */
export function forwardOf(
  { job, names, source, target }: Setting,
  { relay }: Pick<Stream, 'relay'>,
): Direction {
  return {
    ...{ name: names.forward, opposite: names.reverse, positions: names.positions, relayed: relay !== null },
    ...{ publisher: source.session, from: source.at, subscriber: target.session, into: target.at },
    copy: true,
    mayLack: job.action.omit,
  };
}

/** From the target to the source, once the target takes the writes. */
export function reverseOf({ names, source, target }: Setting, { relay }: Pick<Stream, 'relay'>): Direction {
  return {
    ...{ name: names.reverse, opposite: names.forward, positions: names.positions, relayed: relay !== null },
    ...{ publisher: target.session, from: target.at, subscriber: source.session, into: source.at },
    copy: false,
    mayLack: null,
  };
}

/**
 * Removes everything but its row in `sluice.stream`. `last`: what is done to the tables of the target, in the transaction that
 * takes its fence away. Throws `Stopped` when something is left.
 */
export async function removeStream(
  setting: Setting,
  stream: Stream,
  last: () => Promise<void>,
): Promise<string> {
  const { job, names, source, target, lockTimeoutMs } = setting;
  const { tables } = job.action;
  await dropDirection(reverseOf(setting, stream));
  await dropDirection(forwardOf(setting, stream));
  if (stream.relay === null) await dropSyncSlots(source.session, target.session, tables);
  await inTransaction(source.session, lockTimeoutMs, async () => {
    await dropTriggers(source.session, tables, names);
    await source.session.query(`drop table if exists ${names.positions}`);
  });
  await inTransaction(target.session, lockTimeoutMs, async () => {
    await dropTriggers(target.session, tables, names);
    await target.session.query(`drop table if exists ${names.positions}`);
    await last();
  });
  return nothingLeft(setting);
}

/** Throws `Stopped` when something is left of it. */
export async function nothingLeft({ job, names, source, target }: Setting): Promise<string> {
  const left = [
    ...(await leftovers(source.session, names.prefix)).map((name) => `${name} on ${job.action.connection}`),
    ...(await leftovers(target.session, names.prefix)).map((name) => `${name} on ${job.action.to}`),
  ];
  if (left.length > 0) {
    throw new Stopped(
      `These objects of the stream are left: ${left.join(', ')}. Drop them by hand, and retry.`,
    );
  }
  return `${job.action.tables.map(tableText).join(', ')}: no publication, slot, subscription or trigger is left\n`;
}
