/** Amending a live run: it takes a corrected plan. */
import type { Plan } from '../strategy/plan.js';
import { INLINE_LIMIT } from '../strategy/run/messages.js';
import { sendCommand } from './command.js';
import { SluiceError } from './error.js';
import type { Session } from './session.js';
import type { SignOptions } from './sign.js';

export interface AmendOptions extends SignOptions {
  readonly reason?: string | undefined;
}

/** @throws SluiceError `refused` with the run's reason; `bad-plan` when the plan is too large to travel whole */
export async function amend(
  session: Session,
  run: string,
  plan: Plan,
  by: string,
  { reason, ...options }: AmendOptions = {},
): Promise<void> {
  if (Buffer.byteLength(JSON.stringify(plan)) > INLINE_LIMIT) {
    throw new SluiceError(
      'bad-plan',
      'An amended plan is limited to 1 MiB, and this one is larger.',
      'Move commands and SQL into scripts, or start a new run.',
    );
  }
  await sendCommand(session, run, { command: 'amend', by, reason, plan }, options);
}
