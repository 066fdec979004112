/** Notices against servers that speak each channel's own protocol. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliverNotice } from '../../../activities/notices/deliver.js';
import { noticeContext } from '../../../activities/notices/link.js';
import { Pace } from '../../../activities/notices/pace.js';
import type { ChannelSource } from '../../../strategy/plan.js';
import type { Notice } from '../../../strategy/run/notice.js';
import { Receiver } from '../../support/receiver.js';

const receiver = new Receiver();
let url = '';
beforeAll(async () => {
  url = await receiver.open();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answers.length = 0;
});

const notice: Notice = {
  id: 'shop-1/7',
  run: 'shop-1',
  kind: 'decision',
  title: 'shop: Decision needed: <!channel> & more\r\nBcc: x@example.com',
  lines: ['Waits for <@U1>', 'sluice approve shop-1'],
  severity: 'critical',
  incident: { key: 'failure:S1', state: 'open' },
  head: null,
  decision: 'failure:S1',
  at: '2026-01-01T00:00:00.000Z',
};

const env: Record<string, string> = { SECRET_URL: '', SLUICE_PUBLIC_URL: 'https://sluice.example/' };

function deliver(source: ChannelSource, over: Partial<Notice> = {}, pace = new Pace()): Promise<void> {
  const dependencies = {
    home: '/nowhere',
    hostQueue: { host: 'here', taskQueue: 'here' },
    env: { ...env, SECRET_URL: `${url}/secret` },
    logger: pino({ level: 'silent' }),
  };
  return deliverNotice(dependencies, { workspace: '/', source, notice: { ...notice, ...over } }, pace);
}

const bodyOf = (index = 0): unknown => JSON.parse(receiver.received[index]?.body ?? 'null');

function received(): never {
  throw new Error('nothing was received');
}

describe('Slack', () => {
  const slack: ChannelSource = { kind: 'slack', url: '${env:SECRET_URL}' };

  test('gets text that mentions nobody, and a link to the decision instead of a button', async () => {
    await deliver(slack);
    expect(receiver.received[0]?.path).toBe('/secret');
    const text = receiver.received[0]?.body ?? '';
    // A plain_text is shown as it is; in everything else Slack looks for mentions.
    expect(text.replace(/"plain_text","text":"[^"]*"/, '')).not.toContain('<!channel>');
    expect(text).not.toContain('<@U1>');
    expect(text).toContain('<https://sluice.example/runs/shop-1/decisions/failure%3AS1|Review and vote>');
    expect(text).not.toContain('"type":"button"');
  });

  test('without a public address links to the dashboard of this home, and not with the token that lets in', async () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-notices-'));
    const record = { address: 'x:1', pid: 1, dashboard: 'http://127.0.0.1:8420/open?token=secret' };
    writeFileSync(join(home, 'engine.json'), JSON.stringify(record));
    expect(await noticeContext({ env: {}, home })).toEqual({ publicUrl: 'http://127.0.0.1:8420' });
    expect(await noticeContext({ env, home })).toEqual({ publicUrl: 'https://sluice.example/' });
    rmSync(home, { recursive: true });
    expect(await noticeContext({ env: {}, home })).toEqual({ publicUrl: null });
  });

  test('is tried again after the time that it asked for', async () => {
    receiver.answers.push({ status: 429, headers: { 'retry-after': '7' } });
    const failure = await deliver(slack).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ nonRetryable: false, nextRetryDelay: 7000 });
  });

  test('gets nothing from anybody until then', async () => {
    const pace = new Pace();
    receiver.answers.push({ status: 429, headers: { 'retry-after': '7' } });
    await deliver(slack, {}, pace).catch(() => undefined);
    await expect(deliver(slack, { id: 'shop-2/1' }, pace)).rejects.toMatchObject({
      type: 'NoticeHeldBack',
      nonRetryable: false,
    });
    expect(receiver.received).toHaveLength(1);
  });

  test('gets no more in a minute than the bindings allow; a page waits behind nobody', async () => {
    const pace = new Pace();
    const news = { severity: 'info', incident: null } as const;
    await deliver({ ...slack, perMinute: 1 }, { ...news, id: 'shop-1/1' }, pace);
    await expect(
      deliver({ ...slack, perMinute: 1 }, { ...news, id: 'shop-1/2' }, pace),
    ).rejects.toMatchObject({
      type: 'NoticeHeldBack',
    });
    await deliver({ ...slack, perMinute: 1 }, { id: 'shop-1/3' }, pace);
    expect(receiver.received).toHaveLength(2);
  });

  test('gets the address where a template asks for it', async () => {
    await deliver(slack, { lines: ['Vote at {link}.'] });
    expect(receiver.received[0]?.body).toContain(
      'Vote at https://sluice.example/runs/shop-1/decisions/failure%3AS1.',
    );
  });

  test.each([500, 503, 408])('is tried again after %i', async (status) => {
    receiver.answers.push({ status });
    await expect(deliver(slack)).rejects.toMatchObject({ nonRetryable: false });
  });

  test('is given up when it will never take it, with what it said and without its address', async () => {
    receiver.answers.push({ status: 404, body: 'no_team' });
    const failure = await deliver(slack).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      nonRetryable: true,
      type: 'NoticeRefused',
      message: expect.stringContaining('404: no_team'),
    });
    expect(String(failure)).not.toContain('/secret');
  });

  test('is waited for only so long when it says nothing, and tried again', async () => {
    receiver.answers.push('silence');
    await expect(deliver(slack)).rejects.toMatchObject({
      message: expect.stringContaining('no answer within 15 s'),
      nonRetryable: false,
    });
  });

  test('says which reference has no meaning here', async () => {
    await expect(deliver({ kind: 'slack', url: '${env:NOWHERE}' })).rejects.toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('NOWHERE'),
    });
  });

  test('does not follow a redirect', async () => {
    receiver.answers.push({ status: 307, headers: { location: `${url}/elsewhere` } });
    await expect(deliver(slack)).rejects.toBeInstanceOf(ApplicationFailure);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/secret']);
  });
});

describe('a webhook', () => {
  const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

  test('is signed so that the library of Standard Webhooks accepts it, and nothing altered', async () => {
    await deliver({ kind: 'webhook', url, secret });
    const [{ headers, body } = received()] = receiver.received;
    const known = new Webhook(secret);
    const signed = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]),
    );
    expect(known.verify(body, signed)).toMatchObject({
      type: 'sluice.decision',
      data: { run: 'shop-1', id: 'shop-1/7' },
    });
    expect(() => known.verify(body.replace('shop-1', 'shop-2'), signed)).toThrow();
  });

  test('is signed with both secrets while one replaces the other', async () => {
    const next = `whsec_${Buffer.from('fedcba9876543210fedcba9876543210').toString('base64')}`;
    await deliver({ kind: 'webhook', url, secret: `${secret} ${next}` });
    const [{ headers, body } = received()] = receiver.received;
    const signed = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]),
    );
    for (const known of [secret, next]) expect(() => new Webhook(known).verify(body, signed)).not.toThrow();
  });

  test('has the same id for every attempt, by which its receiver drops what it has', async () => {
    receiver.answers.push({ status: 500 });
    await deliver({ kind: 'webhook', url, secret }).catch(() => undefined);
    await deliver({ kind: 'webhook', url, secret });
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids[0]).toBe(ids[1]);
  });
});

describe('PagerDuty', () => {
  const pagerduty = (): ChannelSource => ({ kind: 'pagerduty', routingKey: 'R', url });

  test('opens an incident and closes the same one', async () => {
    await deliver(pagerduty());
    await deliver(pagerduty(), { severity: 'info', incident: { key: 'failure:S1', state: 'closed' } });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/v2/enqueue', '/v2/enqueue']);
    expect(bodyOf(0)).toMatchObject({
      routing_key: 'R',
      event_action: 'trigger',
      dedup_key: 'shop-1/failure:S1',
      payload: { severity: 'critical', source: 'sluice run shop-1' },
    });
    expect(bodyOf(1)).toMatchObject({ event_action: 'resolve', dedup_key: 'shop-1/failure:S1' });
  });

  test('pages nobody for what is only information', async () => {
    await deliver(pagerduty(), { incident: null });
    await deliver(pagerduty(), { severity: 'info' });
    expect(receiver.received).toEqual([]);
  });
});

describe('e-mail', () => {
  const mails: string[] = [];
  let refuse = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        mails.push(text);
        done(refuse ? Object.assign(new Error('mailbox gone'), { responseCode: 550 }) : null);
      });
    },
  });
  let smtp = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    smtp = `smtp://127.0.0.1:${address.port}`;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const to = (address: string): ChannelSource => ({
    kind: 'email',
    smtp: address,
    from: 'sluice@example.com',
    to: ['ops@example.com'],
  });

  test('is one message with an id of its own, whose subject cannot smuggle in a header', async () => {
    await deliver(to(`${smtp}?tls=none`));
    const [mail = ''] = mails;
    expect(mail).toMatch(/^Message-ID: <shop-1%2F7@sluice>/m);
    expect(mail).toMatch(/^To: ops@example.com/m);
    expect(mail).not.toMatch(/^Bcc:/m);
    expect(mail).toContain('sluice approve shop-1');
  });

  test('is not sent without encryption unless the address says so', async () => {
    mails.length = 0;
    await expect(deliver(to(smtp))).rejects.toMatchObject({
      message: expect.stringContaining('mail server'),
    });
    expect(mails).toEqual([]);
  });

  test('is given up when the server refuses it for ever', async () => {
    refuse = true;
    await expect(deliver(to(`${smtp}?tls=none`))).rejects.toMatchObject({ nonRetryable: true });
  });
});
