/**
 * Traffic by a flag behind an API or commands: its value is the percentage of the users who have it. "25%", "25" and, for all or
 * nobody, `true` and `false` are understood, and written in the form that is found.
 */
import type { TrafficSource } from '../../../strategy/plan.js';
import type { Dependencies } from '../../dependencies.js';
import type { ProbeContext } from '../../probes/verdict.js';
import { Refusal } from '../../refusal.js';
import { openStore } from '../setting/open.js';
import { type SettingStore, Unreachable } from '../setting/store.js';
import { percentIn } from './command.js';
import type { TrafficPort } from './port.js';

const WORDS: Readonly<Record<string, string>> = {
  true: '100',
  on: '100',
  enabled: '100',
  false: '0',
  off: '0',
  disabled: '0',
};

export function flagPort(
  { target }: Extract<TrafficSource, { kind: 'flag' }>,
  { run, forms }: ProbeContext,
  dependencies: Dependencies,
): TrafficPort {
  const where = `the flag ${target.flag}`;
  const withStore = async <T>(use: (store: SettingStore) => Promise<T>): Promise<T> => {
    const store = await openStore(target, { run, dependencies, forms });
    try {
      return await use(store);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      throw new Refusal(`${where} cannot be read or set: ${error.message}. Start it again, and retry.`);
    } finally {
      await store.close();
    }
  };
  return {
    read: () => withStore(async (store) => percentOf(await currentOf(store, where), where)),
    settingFor: (percent) => String(percent),
    set: (setting) =>
      withStore(async (store) => store.write(formOf(setting, await currentOf(store, where), where))),
  };
}

async function currentOf(store: SettingStore, where: string): Promise<string> {
  const { set } = await store.read();
  if (set !== null) return set;
  throw new Refusal(`${where} has no value. Nothing was changed. Correct the bindings, and retry.`);
}

function percentOf(value: string, where: string): string {
  return WORDS[value.trim().toLowerCase()] ?? percentIn(value, where);
}

/** The percentage in the form of what is there now. @throws Refusal when that form has no shares */
function formOf(percent: string, found: string, where: string): string {
  if (found.trim().endsWith('%')) return `${percent}%`;
  if (/^[\d.]+$/.test(found.trim())) return percent;
  const [all, nobody] = PAIRS.find((pair) => pair.includes(found.trim().toLowerCase())) ?? ['true', 'false'];
  if (percent === '100') return all;
  if (percent === '0') return nobody;
  throw new Refusal(
    `${where} is "${found}", which says all or nobody, so it cannot be given to ${percent}%. Nothing was changed. Let it hold a percentage such as "0%", and retry.`,
  );
}

const PAIRS: readonly (readonly [string, string])[] = [
  ['true', 'false'],
  ['on', 'off'],
  ['enabled', 'disabled'],
];
