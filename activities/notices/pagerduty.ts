/** PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/events-api-v2-overview): what opens and closes an incident. */
import type { ChannelSource } from '../../strategy/plan.js';
import type { Notice } from '../../strategy/run/notice.js';
import { postJson } from './http.js';
import { linkTo, type NoticeContext } from './link.js';

type PagerDuty = Extract<ChannelSource, { kind: 'pagerduty' }>;

/** PagerDuty's own limits, in characters. */
const KEY = 255;
const SUMMARY = 1024;

/** Pages nobody for what needs nobody: a notice without an incident, or of no more than information, is left out. @throws ChannelError */
export async function sendPagerDuty(
  { url, routingKey }: PagerDuty,
  notice: Notice,
  context: NoticeContext,
): Promise<void> {
  const { incident, severity } = notice;
  if (incident === null || (incident.state === 'open' && severity === 'info')) return;
  const link = linkTo(notice, context);
  const dedupKey = `${notice.run}/${incident.key}`.slice(0, KEY);
  const event =
    incident.state !== 'open'
      ? { event_action: incident.state === 'closed' ? 'resolve' : 'acknowledge' }
      : {
          event_action: 'trigger',
          payload: {
            summary: notice.title.slice(0, SUMMARY),
            source: `sluice run ${notice.run}`,
            severity,
            timestamp: notice.at,
            custom_details: { lines: notice.lines },
          },
          ...(link === null ? {} : { links: [{ href: link, text: 'Open in sluice' }] }),
        };
  await postJson(
    `${url}/v2/enqueue`,
    JSON.stringify({ routing_key: routingKey, dedup_key: dedupKey, ...event }),
  );
}
