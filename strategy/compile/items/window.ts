/** The window of an item: bound or read, nothing of its step acts outside it; otherwise it is confirmed before the first action. */
import type { Text } from '../../document.js';
import { nonBlank } from '../../document.js';
import type { Constraint } from '../../plan.js';
import type { Compilation } from '../compilation.js';
import { readConstraint } from '../constraints.js';
import type { Sentence } from '../work.js';

export interface ItemWindow {
  /** Looked at before each action. */
  readonly windows: readonly Constraint[];
  /** Asked. */
  readonly sentences: readonly Sentence[];
}

/** `asks`: the sentence that is confirmed when no machine reads the window. */
export function itemWindow(
  c: Compilation,
  window: Text,
  pointer: string,
  asks: (text: string) => string,
): ItemWindow {
  const text = nonBlank(window);
  if (text === null) return { windows: [], sentences: [] };
  const read = readConstraint(c, text);
  if ('why' in read) return { windows: [], sentences: [{ pointer, text: asks(text) }] };
  c.cover(pointer, text, 'automated', `${read.how}; nothing of its step acts outside it`);
  return { windows: [read.constraint], sentences: [] };
}
