/** A webhook signed as in Standard Webhooks 1.0 (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). */
import { createHmac } from 'node:crypto';
import type { ChannelSource } from '../../strategy/plan.js';
import type { Notice } from '../../strategy/run/notice.js';
import { ChannelError, postJson } from './http.js';
import { linkTo, type NoticeContext } from './link.js';

type Webhook = Extract<ChannelSource, { kind: 'webhook' }>;

const PREFIX = 'whsec_';

/** @throws ChannelError */
export async function sendWebhook(
  { url, secret }: Webhook,
  notice: Notice,
  context: NoticeContext,
): Promise<void> {
  const body = JSON.stringify({
    type: `sluice.${notice.kind}`,
    timestamp: notice.at,
    data: { ...notice, link: linkTo(notice, context) },
  });
  const id = notice.id.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  // The time of the attempt, against replays; the id stays the same.
  const timestamp = String(Math.floor(Date.now() / 1000));
  await postJson(url, body, {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(secret === null ? {} : { 'webhook-signature': signatures(secret, `${id}.${timestamp}.${body}`) }),
  });
}

/** One per secret: while a secret is replaced, the receiver may know either. */
function signatures(secrets: string, content: string): string {
  return secrets
    .trim()
    .split(/\s+/)
    .map((secret) => `v1,${sign(secret, content)}`)
    .join(' ');
}

function sign(secret: string, content: string): string {
  if (!secret.startsWith(PREFIX)) {
    throw new ChannelError('Its secret does not begin with "whsec_", as Standard Webhooks asks.', true);
  }
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return createHmac('sha256', key).update(content).digest('base64');
}
