/** Who may vote on and command a run, as its start put it into the memo. */
import type { Electorate } from '../strategy/run/electorate.js';
import { readMemo } from './memo.js';
import type { Session } from './session.js';
import { describe } from './view.js';

/** Of a run that another program started without saying who holds which role. */
export const UNBOUND: Electorate = {
  roles: {},
  authority: { rollback: [], abort: [], pause: [], override: [] },
  submittedBy: '',
  forbidSelfApproval: false,
};

/** Needs no worker. @throws SluiceError `no-run`, `no-engine` */
export async function electorate(session: Session, run: string): Promise<Electorate> {
  const { memo } = await describe(session, run);
  return readMemo(memo)?.electorate ?? UNBOUND;
}
