/** The channels that a strategy names, found in the bindings. */
import { numbered } from '../document.js';
import type { ChannelSource } from '../plan.js';
import { below } from '../pointer.js';
import type { Compilation } from './compilation.js';

/** The names among these that are bound; each is covered, the others as not carried out. */
export function boundChannels(
  c: Compilation,
  pointer: string,
  names: Parameters<typeof numbered>[0],
): readonly string[] {
  return numbered(names).flatMap(({ index, text }) => {
    const bound = Object.hasOwn(c.bindings.planned.channels, text);
    const how = bound ? 'notices are sent there' : 'not notified: no channel of that name is bound';
    c.cover(below(pointer, index), text, bound ? 'automated' : 'not-carried-out', how);
    return bound ? [text] : [];
  });
}

/**
 * The channel of a receiver: one of that name, or, for an e-mail address, the one that sends to it alone. Null without one.
 */
export function channelOf(c: Compilation, receiver: string): string | null {
  const { channels } = c.bindings.planned;
  if (Object.hasOwn(channels, receiver)) return receiver;
  if (!/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(receiver)) return null;
  return Object.entries(channels).find(([, source]) => sendsOnlyTo(source, receiver))?.[0] ?? null;
}

function sendsOnlyTo(source: ChannelSource, address: string): boolean {
  return source.kind === 'email' && source.to.length === 1 && source.to[0] === address;
}
