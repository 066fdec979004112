/** The wording of what YAML allows and these files do not. */
import type { Problem } from '../problem.js';
import type { Fault } from './compose.js';
import type { EventSource } from './source.js';

/** More of them say nothing new, and a hostile file could have millions. */
const MAX_FAULTS = 100;

/** The problems that stand for faults, at most the first hundred. */
export function faultProblems(faults: readonly Fault[], source: EventSource): readonly Problem[] {
  const problems = faults.slice(0, MAX_FAULTS).map((fault) => faultProblem(fault, source));
  const rest = faults.length - problems.length;
  const last = problems.at(-1);
  if (rest > 0 && last !== undefined) {
    problems.push({
      ...last,
      code: 'too-many-problems',
      message: `${rest} more problems of this kind follow`,
      advice: null,
    });
  }
  return problems;
}

function faultProblem(fault: Fault, source: EventSource): Problem {
  const pointer = source.pointerTo(fault.event);
  const common = {
    severity: 'error',
    file: source.file,
    position: source.event(fault.event),
    pointer,
  } as const;
  const name = JSON.stringify(pointer.slice(pointer.lastIndexOf('/') + 1));
  switch (fault.kind) {
    case 'duplicate-key':
      return {
        ...common,
        code: 'duplicate-key',
        message: `the key ${name} is written twice; the first one is on line ${source.key(pointer).line}`,
        advice: 'Keep one of them.',
      };
    case 'alias':
      return {
        ...common,
        code: 'alias',
        message:
          'aliases (*name) are not allowed, so that the text that reviewers read is the text that runs',
        advice: 'Write the value out.',
      };
    case 'tag':
      return {
        ...common,
        code: 'tag',
        message: 'tags (!name) are not allowed here',
        advice: 'Write the plain value; put it in quotes if it is text.',
      };
    case 'complex-key':
      return {
        ...common,
        code: 'complex-key',
        message: 'a list or a mapping cannot be a key',
        advice: 'Use a text as the key.',
      };
    case 'dangerous-key':
      return {
        ...common,
        code: 'unknown-key',
        message: `the key ${name} is not allowed anywhere`,
        advice: 'Choose another name.',
      };
    case 'nul':
      return {
        ...common,
        code: 'nul',
        message: 'the text contains a NUL, which commands, variables and databases do not accept',
        advice: 'Remove it; a script can produce one itself.',
      };
    default:
      return fault.kind satisfies never;
  }
}
