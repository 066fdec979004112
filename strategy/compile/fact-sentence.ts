/** The sentences that can refer to the run's own state: "STEP-3-1 successful", "Phase 1 validation gate passed". */

export type FactSentence =
  | { readonly kind: 'all-gates' }
  | { readonly kind: 'phase-number'; readonly number: number; readonly gate: boolean }
  | {
      readonly kind: 'name';
      readonly name: string;
      /** Marked as an id: in quotes, or behind "step", "phase", "gate" or "prerequisite". */
      readonly marked: boolean;
      readonly gate: boolean;
    };

const DONE =
  '(?:is |was |has |has been )?(?:successful|successfully completed|succeeded|completed|complete|finished|done|passed|verified)';
const PHASE_NUMBER = new RegExp(`^phase (\\d{1,9})(?: (?:validation )?(gate))? ${DONE}$`, 'i');
const QUOTED = '"([^"]{1,200})"|\'([^\']{1,200})\'|`([^`]{1,200})`|“([^”]{1,200})”';
const BY_NAME = new RegExp(
  `^(?:(step|phase|gate|prerequisite) )?(?:${QUOTED}|(\\S{1,200}))(?: (?:validation )?(gate))? ${DONE}$`,
  'i',
);
const ALL_GATES = new RegExp(`^all (?:validation )?gates (?:are |were |have )?${DONE}$`, 'i');
const LONGEST = 300;

/** Null for a sentence of any other form. */
export function parseFactSentence(text: string): FactSentence | null {
  if (text.length > LONGEST) return null;
  if (ALL_GATES.test(text)) return { kind: 'all-gates' };
  const numbered = PHASE_NUMBER.exec(text);
  if (numbered !== null) {
    return { kind: 'phase-number', number: Number(numbered[1]), gate: numbered[2] !== undefined };
  }
  const match = BY_NAME.exec(text);
  if (match === null) return null;
  const [, word, ...rest] = match;
  const [plain, gate] = rest.slice(-2);
  const quoted = rest.slice(0, -2).find((name) => name !== undefined);
  return {
    kind: 'name',
    name: quoted ?? plain ?? '',
    marked: word !== undefined || quoted !== undefined,
    gate: gate !== undefined,
  };
}

/**
 * Whether an unmarked word of a sentence is an id, and not a word that happens to be spelled like one: with a number in
 * it, or spelled exactly like the id and unlike a word of prose. "Backup verified" is no statement about a step `backup`.
 */
export function standsForId(word: string, id: string): boolean {
  if (/\d/.test(word)) return true;
  return word === id && /[-_.]|^[A-Z]+$|[A-Z].*[A-Z]|[a-z][A-Z]/.test(word);
}
