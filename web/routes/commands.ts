/** What a person may do to a run at any time: pause, resume, abort, roll back, and limit rows while they are copied. */
import type { Hono } from 'hono';
import { SluiceError } from '../../client/error.js';
import type { Plan } from '../../strategy/plan.js';
import { refusalOfAuthority } from '../../strategy/run/electorate.js';
import { landingsOf } from '../../strategy/run/landings.js';
import type { Command } from '../../strategy/run/messages.js';
import { describeCommand } from '../../strategy/run/receipt.js';
import { parseRowLimit } from '../../strategy/sentence/row-rule.js';
import { type Env, formOf, idOf, sessionOf, unlessEmpty } from '../context.js';
import { actingOf, type Desk, mustProveAgain } from '../desk.js';
import type { RunState } from '../feeds.js';
import type { CommandModel, CommandsModel } from '../pages/commands.js';
import { runPath } from '../paths.js';
import { textOf } from '../screen.js';
import type { Session } from '../session/sessions.js';
import { commandToSign } from '../signing.js';

const COMMANDS = ['pause', 'resume', 'abort', 'rollback', 'throttle'] as const;
type CommandName = (typeof COMMANDS)[number];

export function addCommands(app: Hono<Env>, { client, screen, sessions }: Desk): void {
  app.post('/runs/:run/commands/:command', async (context) => {
    const run = idOf(context, 'run');
    const name = COMMANDS.find((each) => each === idOf(context, 'command'));
    if (name === undefined) return screen.notFound(context, `Commands are ${COMMANDS.join(', ')}.`);
    const session = sessionOf(context);
    const form = await formOf(context);
    if (!sessions.isFormToken(form.token, session, run, name)) return screen.outOfDate(context);
    const refuse = (why: string): Response => screen.refuse(context, runPath(run), why, form.reason);
    const acting = actingOf(session);
    if ('refusal' in acting) return refuse(acting.refusal);
    if ((name === 'abort' || name === 'rollback') && mustProveAgain(session, Date.now()))
      return screen.proveAgain(context, runPath(run), form.reason);
    const base = { ...acting, reason: unlessEmpty(form.reason), signed: unlessEmpty(form.signed) };
    const command = commandOf(name, form, base);
    if (command === null) return refuse('Write the limit as a number of rows per second, or leave it empty.');
    try {
      await client.command(run, command);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      return refuse(textOf(error));
    }
    const text = describeCommand(run, command);
    return screen.follow(context, runPath(run), { tone: 'good', text, reason: '' });
  });
}

/** Null where the form has no rate that could be one. */
function commandOf(
  name: CommandName,
  { to, step, rate }: Readonly<Record<'to' | 'step' | 'rate', string>>,
  base: Pick<Command, 'by' | 'groups' | 'reason' | 'signed'>,
): Command | null {
  if (name === 'rollback') return { ...base, command: name, to };
  if (name !== 'throttle') return { ...base, command: name };
  const limit = parseRowLimit(rate.trim() === '' ? 'none' : rate);
  return limit === null ? null : { ...base, command: name, step, ...limit };
}

/** The commands as this person may give them now. */
export function commandsOf(
  { sessions }: Desk,
  state: RunState,
  session: Session,
  plan: Plan | null,
): CommandsModel {
  const { view, electorate } = state;
  const acting = actingOf(session);
  const model = (name: CommandName): CommandModel => {
    const refusal = refusalOf(name);
    return {
      token: sessions.formToken(session, view.run, name),
      refusal,
      signing: refusal !== null || 'refusal' in acting ? null : commandToSign(state, plan, name, acting.by),
    };
  };
  const refusalOf = (name: CommandName): string | null => {
    if ('refusal' in acting) return acting.refusal;
    const { by, groups } = acting;
    const why = refusalOfAuthority(
      electorate,
      name === 'resume' || name === 'throttle' ? 'pause' : name,
      by,
      groups,
    );
    if (why !== null || name !== 'rollback' || view.applied.length > 0) return why;
    return 'Nothing is applied, so there is nothing to roll back.';
  };
  return {
    run: view.run,
    paused: view.pausedBy !== null,
    landings: landingsOf(view),
    commands: {
      pause: model('pause'),
      resume: model('resume'),
      abort: model('abort'),
      rollback: model('rollback'),
      throttle: model('throttle'),
    },
  };
}
