/** Where a validation gate stands: "PHASE-2", "After STEP-1-2", "before phase 3", "between PHASE-1 and PHASE-2". */

export type Location =
  /** Before the first step, or after the last one, of the whole migration. */
  | { readonly kind: 'beginning' }
  | { readonly kind: 'end' }
  /** `kindOf`: what the sentence calls it, where it says so. */
  | { readonly kind: 'before' | 'after'; readonly kindOf: 'phase' | 'step' | null; readonly name: string }
  /** After the first of two neighbours. */
  | { readonly kind: 'between'; readonly name: string; readonly next: string };

const LONGEST = 300;
const BEGINNING =
  /^(?:pre[ -_]?migration|before (?:the )?migration|(?:at )?(?:the )?(?:start|beginning) of (?:the )?migration)$/i;
const END =
  /^(?:post[ -_]?migration|after (?:the )?migration|(?:at )?(?:the )?end of (?:the )?migration|(?:at )?completion)$/i;
const BETWEEN = /^between (?:phase |step )?(.+?) and (?:phase |step )?(.+)$/i;
const ONE =
  /^(?:(?:(before|prior to|(?:at )?(?:the )?(?:start|beginning) of)|(?:at |upon )?(?:the )?(?:end|completion) of|after|following|at|on) )?(?:the )?(?:(phase|step)(?:: ?| ))?(.+)$/i;

/** Null for a text that says nothing, or too much. Whether there is a phase or step of the name is not known here. */
export function parseLocation(text: string): Location | null {
  const said = text.trim().replace(/\s+/g, ' ').replace(/\.$/, '');
  if (said === '' || said.length > LONGEST) return null;
  if (BEGINNING.test(said)) return { kind: 'beginning' };
  if (END.test(said)) return { kind: 'end' };
  const [, first, next] = BETWEEN.exec(said) ?? [];
  if (first !== undefined && next !== undefined)
    return { kind: 'between', name: unquoted(first), next: unquoted(next) };
  const [, before, word, name] = ONE.exec(said) ?? [];
  if (name === undefined) return null;
  const kindOf = word === undefined ? null : word.toLowerCase() === 'phase' ? 'phase' : 'step';
  return { kind: before === undefined ? 'after' : 'before', kindOf, name: unquoted(name) };
}

function unquoted(name: string): string {
  const [, inside] = /^["'`“](.+)["'`”]$/.exec(name.trim()) ?? [];
  return inside ?? name.trim();
}
