/** Slack's incoming webhooks (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). */
import { oneLine } from '../../strategy/kinds/text.js';
import type { ChannelSource } from '../../strategy/plan.js';
import type { Notice } from '../../strategy/run/notice.js';
import { postJson } from './http.js';
import { linkTo, type NoticeContext } from './link.js';

/** Slack's own limits, in characters. */
const HEADER = 150;
const SECTION = 3000;

type Slack = Extract<ChannelSource, { kind: 'slack' }>;

/** @throws ChannelError */
export function sendSlack({ url }: Slack, notice: Notice, context: NoticeContext): Promise<void> {
  return postJson(url, JSON.stringify(slackMessage(notice, context)));
}

/** A link and no button: a button needs an endpoint that Slack can call. */
export function slackMessage(notice: Notice, context: NoticeContext): object {
  const link = linkTo(notice, context);
  const label = notice.decision === null ? 'Open the run' : 'Review and vote';
  const title = `${SIGNS[notice.severity]} ${oneLine(notice.title)}`;
  const body = notice.lines.map(escaped).join('\n').slice(0, SECTION);
  return {
    text: escaped(title),
    blocks: [
      {
        type: 'header',
        text: {
          type: 'plain_text',
          text: title.slice(0, HEADER),
          emoji: true,
        },
      },
      ...(body === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: body } }]),
      ...(link === null ? [] : [{ type: 'section', text: { type: 'mrkdwn', text: `<${link}|${label}>` } }]),
      { type: 'context', elements: [{ type: 'mrkdwn', text: escaped(`${notice.id} · ${notice.at}`) }] },
    ],
  };
}

const SIGNS = { info: 'ℹ️', warning: '⚠️', critical: '🛑' } as const;

/** The three characters that mean something to Slack: no text of a strategy mentions anybody or makes a link. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
