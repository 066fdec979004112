/** Where notices go: the channels of the bindings, checked. */
import type { BindingsDocument, ChannelBinding } from '../bindings-document.js';
import type { ChannelSource } from '../plan.js';
import { below } from '../pointer.js';
import type { Reporter } from './reporter.js';
import { checkConnection, checkReferences } from './secrets.js';

/** PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/events-api-v2-overview). */
const PAGERDUTY = 'https://events.pagerduty.com';

export function compileChannels(
  channels: NonNullable<BindingsDocument['channels']>,
  reporter: Reporter,
): Record<string, ChannelSource> {
  return Object.fromEntries(
    Object.entries(channels).map(([name, binding]) => {
      for (const [path, text] of textsOf(binding, [])) {
        const finding = checkReferences(text) ?? checkConnection(text);
        if (finding !== null) reporter.report(below('', 'channels', name, ...path), finding);
      }
      const perMinute = binding.per_minute ?? null;
      return [name, { ...compileChannel(binding), ...(perMinute === null ? {} : { perMinute }) }];
    }),
  );
}

function compileChannel(binding: ChannelBinding): ChannelSource {
  if ('slack' in binding) return { kind: 'slack', url: binding.slack };
  if ('webhook' in binding) return { kind: 'webhook', url: binding.webhook, secret: binding.secret ?? null };
  if ('email' in binding) return { kind: 'email', ...binding.email };
  const { routing_key: routingKey, url } = binding.pagerduty;
  return { kind: 'pagerduty', routingKey, url: url ?? PAGERDUTY };
}

function textsOf(value: unknown, path: readonly string[]): readonly (readonly [readonly string[], string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, [...path, key]));
}
