/** E-mail over SMTP, by nodemailer. */
import { createTransport } from 'nodemailer';
import type { ChannelSource } from '../../strategy/plan.js';
import type { Notice } from '../../strategy/run/notice.js';
import { ChannelError } from './http.js';
import { linkTo, type NoticeContext } from './link.js';

type Email = Extract<ChannelSource, { kind: 'email' }>;

const PATIENCE_MS = 15_000;

/** One message to all; its id is the notice's, and a run is one thread. @throws ChannelError */
export async function sendEmail(
  { smtp, from, to }: Email,
  notice: Notice,
  context: NoticeContext,
): Promise<void> {
  const link = linkTo(notice, context);
  const { protocol, hostname, port, username, password, searchParams } = parse(smtp);
  const transport = createTransport({
    host: hostname,
    port: port === '' ? (protocol === 'smtps:' ? 465 : 587) : Number(port),
    secure: protocol === 'smtps:',
    // Without TLS only where the address says so, such as a relay on this machine.
    requireTLS: protocol === 'smtp:' && searchParams.get('tls') !== 'none',
    ignoreTLS: searchParams.get('tls') === 'none',
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject: notice.title,
      text: [...notice.lines, ...(link === null ? [] : ['', link]), '', `-- ${notice.id}, ${notice.at}`].join(
        '\n',
      ),
      messageId: `<${encodeURIComponent(notice.id)}@sluice>`,
      inReplyTo: `<${encodeURIComponent(notice.run)}@sluice>`,
      references: `<${encodeURIComponent(notice.run)}@sluice>`,
    });
  } catch (error) {
    const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : null;
    const why = error instanceof Error ? error.message : String(error);
    // 5xx is for ever (RFC 5321, section 4.2.1); everything else may pass.
    throw new ChannelError(`The mail server did not take it: ${why}`, code !== null && code >= 500);
  } finally {
    transport.close();
  }
}

function parse(smtp: string): URL {
  const url = URL.canParse(smtp) ? new URL(smtp) : null;
  if (url !== null && (url.protocol === 'smtp:' || url.protocol === 'smtps:')) return url;
  throw new ChannelError('Its "smtp" is not a URL such as smtp://user:password@host:587.', true);
}
