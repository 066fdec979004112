/** Traffic by an HTTP API: a JSON document with the percentage at a pointer, read with GET and replaced with PUT. */
import type { TrafficSource } from '../../../strategy/plan.js';
import { type ProbeContext, redactedLine } from '../../probes/verdict.js';
import { codeOf, Refusal } from '../../refusal.js';
import { resolveReferences } from '../../secrets.js';
import { percentIn } from './command.js';
import type { TrafficPort } from './port.js';

export function apiPort(
  { url, pointer }: Extract<TrafficSource, { kind: 'http' }>,
  context: ProbeContext,
): TrafficPort {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return {
    async read() {
      const found = memberAt(await call('GET', url, null, context), keys);
      return percentIn(String(found?.holder[found.key]), `${redactedLine(context, url)} at ${pointer}`);
    },
    settingFor: (percent) => String(percent),
    async set(setting) {
      const document = await call('GET', url, null, context);
      const found = memberAt(document, keys);
      if (found === null) {
        throw new Refusal(`${redactedLine(context, url)} has nothing at ${pointer}. Nothing was changed.`);
      }
      found.holder[found.key] = Number(setting);
      await call('PUT', url, JSON.stringify(document), context);
    },
  };
}

/** The object that holds the last key; null when the way to it does not exist. */
function memberAt(
  document: unknown,
  keys: readonly string[],
): { readonly holder: Record<string, unknown>; readonly key: string } | null {
  const key = keys.at(-1);
  if (key === undefined) return null;
  let value: unknown = document;
  for (const step of keys.slice(0, -1)) value = isRecord(value) ? value[step] : undefined;
  return isRecord(value) && Object.hasOwn(value, key) ? { holder: value, key } : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** @throws Refusal when there is no good answer; a PUT may then have taken effect, which the read-back shows */
async function call(
  method: 'GET' | 'PUT',
  reference: string,
  body: string | null,
  context: ProbeContext,
): Promise<unknown> {
  const shown = `${method} ${redactedLine(context, reference)}`;
  const text = await resolveReferences(reference, { env: context.env, workspace: context.run.workspace });
  if (!URL.canParse(text)) throw new Refusal(`${shown}: this is not a URL.`);
  const signal = AbortSignal.any([AbortSignal.timeout(context.timeoutMs), context.signal]);
  try {
    const content = body === null ? {} : { body, headers: { 'content-type': 'application/json' } };
    const response = await fetch(text, { method, signal, redirect: 'manual', ...content });
    if (!response.ok) throw new Refusal(`${shown} answers ${response.status}.`);
    const answer = await response.text();
    return method === 'PUT' ? null : JSON.parse(answer);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Refusal(`${shown} has no usable answer (${redactedLine(context, codeOf(cause))}).`);
  }
}
