/** Traffic by a flag in a file of flagd: the share of the users who have it. The file is replaced in one step. */
import type { TrafficSource } from '../../../strategy/plan.js';
import type { ProbeContext } from '../../probes/verdict.js';
import { Refusal } from '../../refusal.js';
import { membersForShare, readMembers, writeMembers } from '../config-file/flagd.js';
import { digest, readState, replace } from '../config-file/replace.js';
import type { TrafficPort } from './port.js';

export function flagdPort(
  { file, flag }: Extract<TrafficSource, { kind: 'flagd' }>,
  { run: { workspace }, env }: ProbeContext,
): TrafficPort {
  const text = async (): Promise<string> => (await readState(workspace, file, env)).bytes.toString('utf8');
  return {
    async read() {
      const now = await text();
      return inFile(file, () => readMembers(now, flag));
    },
    async settingFor(percent) {
      const now = await text();
      return inFile(file, () => membersForShare(now, flag, percent));
    },
    async set(setting) {
      const before = await readState(workspace, file, env);
      const now = before.bytes.toString('utf8');
      const after = Buffer.from(inFile(file, () => writeMembers(now, flag, setting)));
      if (before.bytes.equals(after)) return;
      if (await replace(before, after, digest(after).slice(0, 12))) return;
      throw new Refusal(
        `Somebody edited ${file} while its flag ${flag} was being set, so it was left alone. Retry.`,
      );
    },
  };
}

function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`In ${file}, ${error.message}. Nothing was changed. Correct the file, and retry.`);
  }
}
