/** Posts a notice over HTTP, and says of every failure whether it is worth another try. */

/** A channel that did not take a notice. Its message names no address: addresses of channels are secrets. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';

  constructor(
    message: string,
    /** Another try would end the same way. */
    readonly final: boolean,
    /** How long the channel asked to be left alone, in milliseconds; null when it did not say. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
}

const PATIENCE_MS = 15_000;
/** Characters of an answer that are shown. */
const SHOWN = 200;
const LONGEST_RETRY_MS = 15 * 60_000;

/** @throws ChannelError */
export async function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await send(url, body, headers);
  const text = await response.text().catch(() => '');
  if (response.ok) return;
  const { status } = response;
  const answer = text.trim() === '' ? '' : `: ${text.trim().slice(0, SHOWN)}`;
  // 408 and 429 ask for another try, as does whatever went wrong on the other side; 410 never wants to hear again.
  const again = status === 408 || status === 429 || status >= 500;
  throw new ChannelError(`It answered ${status}${answer}`, !again, retryAfter(response));
}

async function send(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', ...headers },
      // A redirect of a webhook leads a secret address elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof TypeError && /invalid url/i.test(error.message)) {
      throw new ChannelError('Its address is not a URL.', true);
    }
    const cause =
      error.cause instanceof Error && 'code' in error.cause ? ` (${String(error.cause.code)})` : '';
    const why =
      error.name === 'TimeoutError'
        ? `no answer within ${PATIENCE_MS / 1000} s`
        : `it cannot be reached${cause}`;
    throw new ChannelError(`Not delivered: ${why}.`, false);
  }
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfter({ headers }: Response): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_RETRY_MS) : null;
}
