/** `x-uses` of a step: the items of other sections that it carries out. */
import { nonBlank, type Step } from './document.js';
import { below } from './pointer.js';

/** The ids that a step, or a cleanup task, uses, with their places. */
export function usesOf(
  step: Pick<Step, 'x-uses'>,
  pointer: string,
): readonly { readonly id: string; readonly pointer: string }[] {
  const uses = step['x-uses'];
  const at = below(pointer, 'x-uses');
  if (typeof uses !== 'object' || uses === null) {
    const id = nonBlank(uses);
    return id === null ? [] : [{ id, pointer: at }];
  }
  return uses.map((id, index) => ({ id, pointer: below(at, index) }));
}
