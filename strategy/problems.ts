/** Lists of problems: their order, and no problem twice. */
import type { Problem } from './problem.js';

/** In the order of the file, each once, and in few words whatever the file holds. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return [...problems]
    .sort(compare)
    .filter((problem) => {
      const identity = `${problem.code}\n${problem.pointer}\n${problem.message}`;
      if (seen.has(identity)) return false;
      seen.add(identity);
      return true;
    })
    .map(inFewWords);
}

/** More is not read by anybody, and a message may quote a text that fills its file. */
const LONGEST = 1_000;
/** Of a longer text: what it is about stands at its beginning, what is wrong often at its end. */
const END = 400;

function inFewWords(problem: Problem): Problem {
  const { pointer, message, advice } = problem;
  return {
    ...problem,
    pointer: clipped(pointer),
    message: clipped(message),
    advice: advice && clipped(advice),
  };
}

function clipped(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, END)} ... ${text.slice(-END)}`;
}

/** What says only that there are more comes last. */
function isRest(problem: Problem): number {
  return problem.code === 'too-many-problems' ? 1 : 0;
}

function compare(a: Problem, b: Problem): number {
  return (
    isRest(a) - isRest(b) ||
    (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
    a.position.line - b.position.line ||
    a.position.column - b.position.column ||
    (a.pointer < b.pointer ? -1 : a.pointer > b.pointer ? 1 : 0) ||
    (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)
  );
}
