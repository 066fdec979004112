/** A flag that one command of the bindings prints, and another one sets. */
import type { CommandFlag } from '../../../strategy/plan.js';
import { interruptionSignal } from '../../attempt.js';
import { limitsOf } from '../../dependencies.js';
import { runProbe } from '../../probes/command.js';
import { Refusal } from '../../refusal.js';
import { lastLine } from '../../tail.js';
import type { Reading, SettingStore, StoreContext } from './store.js';

/** Milliseconds for one command: setting a flag is quick. */
const COMMAND_MS = 60_000;

export function openCommandFlag(target: CommandFlag, context: StoreContext): SettingStore {
  const run = async (text: string, args: readonly string[]): Promise<string> => {
    const ran = await runProbe({ kind: 'command', text }, args, {
      run: context.run,
      env: context.dependencies.env,
      home: context.dependencies.home,
      killGraceMs: limitsOf(context.dependencies).killGraceMs,
      timeoutMs: COMMAND_MS,
      baselines: {},
      signal: interruptionSignal(),
      forms: context.forms,
    });
    if (ran.exitCode === 0) return ran.output.trim();
    const how =
      ran.ended === 'timeout' ? 'took longer than 1 minute' : `exited with ${ran.exitCode ?? ran.signal}`;
    const said = lastLine(ran.shown);
    throw new Refusal(
      `The command for the flag ${target.flag} ${how}: ${text}${said === '' ? '' : ` said "${said}"`}. Correct it or what it needs, and retry.`,
    );
  };
  return {
    async read(): Promise<Reading> {
      const printed = await run(target.get, []);
      const set = printed === '' ? null : printed;
      return { set, inForce: set };
    },
    same: (one, other) => one === other,
    async write(value) {
      await run(target.set, [value ?? '']);
    },
    async close() {
      // Nothing stays open.
    },
  };
}
