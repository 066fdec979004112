/** `channels` of the roles: each hears of the decisions that ask its role. */
import type { BindingsDocument } from '../bindings-document.js';
import type { NoticeKind, NoticeRoute } from '../plan.js';
import { below } from '../pointer.js';
import { suggest } from '../suggest.js';
import { meant, type Reporter } from './reporter.js';

const KINDS: readonly NoticeKind[] = ['decision', 'overdue'];

/** `channels`: the names of the bound ones. `reporter`: of the bindings. */
export function roleRoutes(
  roles: BindingsDocument['roles'],
  channels: readonly string[],
  reporter: Reporter,
): readonly NoticeRoute[] {
  return Object.entries(roles ?? {}).flatMap(([role, binding]) => {
    const named = binding.channels ?? [];
    for (const [index, channel] of named.entries()) {
      if (channels.includes(channel)) continue;
      reporter.report(below('/roles', role, 'channels', index), {
        code: 'unknown-channel',
        message: `no channel "${channel}" is bound`,
        advice: `${meant(suggest(channel, channels), channels, 'channel')} Add it under "channels" if it is another.`,
      });
    }
    if (named.length === 0) return [];
    return KINDS.map(
      (on): NoticeRoute => ({ on, channels: named, form: 'update', words: null, alerts: null, role }),
    );
  });
}
