/** A request as a probe: the status must be the one expected. Redirects are answers, and are not followed. */
import type { ProbeOf } from '../../strategy/kinds/probes/kind.js';
import { resolveReferences } from '../secrets.js';
import { durationText } from '../wording.js';
import { broken, type Evaluator, fail, type ProbeContext, pass, redactedLine } from './verdict.js';

export const evaluateHttp: Evaluator<ProbeOf<'http'>> = async ({ method, url, expect }, context) => {
  const answer = await request(method, url, context);
  if ('broken' in answer) return answer.verdict === 'fail' ? fail(answer.broken) : broken(answer.broken);
  await answer.response.body?.cancel();
  const { status } = answer.response;
  return status === expect ? pass(`status ${status}`) : fail(`status ${status} instead of ${expect}`);
};

export type Requested =
  | { readonly response: Response }
  | { readonly broken: string; readonly verdict: 'fail' | 'inconclusive' };

/** Credentials in the URL are sent as basic authentication. Throws `UnresolvedReference`. */
export async function request(method: string, reference: string, context: ProbeContext): Promise<Requested> {
  const text = await resolveReferences(reference, { env: context.env, workspace: context.run.workspace });
  if (!URL.canParse(text))
    return { broken: `${redactedLine(context, reference)} is not a URL`, verdict: 'inconclusive' };
  const url = new URL(text);
  const headers: Record<string, string> = {};
  if (url.username !== '' || url.password !== '') {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    url.username = '';
    url.password = '';
  }
  const timeout = AbortSignal.timeout(context.timeoutMs);
  try {
    const signal = AbortSignal.any([timeout, context.signal]);
    return { response: await fetch(url, { method, headers, redirect: 'manual', signal }) };
  } catch (error) {
    if (timeout.aborted)
      return { broken: `no answer within ${durationText(context.timeoutMs)}`, verdict: 'inconclusive' };
    if (context.signal.aborted) return { broken: 'it was interrupted', verdict: 'inconclusive' };
    const { why, verdict } = whyUnreachable(error, context);
    return { broken: why, verdict };
  }
}

/** Nobody is there (`fail`), or it cannot be said. fetch says "fetch failed" and hides the reason in the cause. */
function whyUnreachable(
  error: unknown,
  context: ProbeContext,
): { readonly why: string; readonly verdict: 'fail' | 'inconclusive' } {
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ECONNREFUSED') return { why: 'connection refused', verdict: 'fail' };
  if (code === 'ENOTFOUND') return { why: 'the host name is unknown', verdict: 'fail' };
  // The resolver itself did not answer: that says nothing about the host.
  if (code === 'EAI_AGAIN')
    return { why: 'the host name could not be resolved just now (EAI_AGAIN)', verdict: 'inconclusive' };
  const why = cause instanceof Error ? redactedLine(context, cause.message || String(code)) : String(cause);
  // fetch itself refuses some ports: that says nothing about who listens there.
  return { why, verdict: why === 'bad port' ? 'inconclusive' : 'fail' };
}
