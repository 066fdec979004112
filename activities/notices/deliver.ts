/**
 * Sends one notice through one channel, at least once: an attempt whose answer was lost is repeated with the same id, by
 * which receivers drop what they have. What the engine should retry is thrown, with the time that the channel asked for.
 */
import { ApplicationFailure } from '@temporalio/activity';
import type { ChannelSource } from '../../strategy/plan.js';
import { NOTICE_REFUSED } from '../../strategy/run/messages.js';
import type { Notice } from '../../strategy/run/notice.js';
import type { NoticeJob } from '../contract.js';
import type { Dependencies } from '../dependencies.js';
import { resolveReferences, UnresolvedReference } from '../secrets.js';
import { sendEmail } from './email.js';
import { ChannelError } from './http.js';
import { type NoticeContext, noticeContext, withLink } from './link.js';
import type { Pace } from './pace.js';
import { sendPagerDuty } from './pagerduty.js';
import { sendSlack } from './slack.js';
import { sendWebhook } from './webhook.js';

export async function deliverNotice(dependencies: Dependencies, job: NoticeJob, pace: Pace): Promise<void> {
  const { env } = dependencies;
  const context = await noticeContext(dependencies);
  let channel = '';
  try {
    const source = await resolved(job.source, { env, workspace: job.workspace });
    channel = JSON.stringify(source);
    waitForTurn(pace, channel, job);
    await send(source, withLink(job.notice, context), context);
  } catch (error) {
    if (error instanceof UnresolvedReference) throw refused(error.message);
    if (!(error instanceof ChannelError)) throw error;
    if (error.final) throw refused(error.message);
    if (error.retryAfterMs !== null) pace.close(channel, error.retryAfterMs);
    throw ApplicationFailure.create({
      message: error.message,
      type: 'NoticeNotDelivered',
      ...(error.retryAfterMs === null ? {} : { nextRetryDelay: error.retryAfterMs }),
    });
  }
}

/** @throws ApplicationFailure which has the engine try again at the notice's turn */
function waitForTurn(pace: Pace, channel: string, { source, notice }: NoticeJob): void {
  // A flood of news is slowed down; a page in the night and the end of a run are not.
  const urgent = notice.severity === 'critical' || notice.kind === 'ended';
  const ms = pace.waitOf(channel, notice.id, { perMinute: source.perMinute, urgent });
  if (ms === 0) return;
  throw ApplicationFailure.create({
    message: 'Held back: the channel has had as many notices as it takes, or asked to be left alone.',
    type: 'NoticeHeldBack',
    nextRetryDelay: ms,
    // Nothing is wrong with that, and nobody needs to read of it.
    category: 'BENIGN',
  });
}

function send(source: ChannelSource, notice: Notice, context: NoticeContext): Promise<void> {
  switch (source.kind) {
    case 'slack':
      return sendSlack(source, notice, context);
    case 'webhook':
      return sendWebhook(source, notice, context);
    case 'email':
      return sendEmail(source, notice, context);
    case 'pagerduty':
      return sendPagerDuty(source, notice, context);
    default:
      return source satisfies never;
  }
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, NOTICE_REFUSED);
}

/** The channel with every reference replaced. @throws UnresolvedReference */
async function resolved(
  source: ChannelSource,
  from: Parameters<typeof resolveReferences>[1],
): Promise<ChannelSource> {
  const text = (value: string): Promise<string> => resolveReferences(value, from);
  switch (source.kind) {
    case 'slack':
      return { ...source, url: await text(source.url) };
    case 'webhook':
      return {
        ...source,
        url: await text(source.url),
        secret: source.secret === null ? null : await text(source.secret),
      };
    case 'email':
      return {
        ...source,
        smtp: await text(source.smtp),
        from: await text(source.from),
        to: await Promise.all(source.to.map(text)),
      };
    case 'pagerduty':
      return { ...source, url: await text(source.url), routingKey: await text(source.routingKey) };
    default:
      return source satisfies never;
  }
}
