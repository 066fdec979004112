import type { Problem, Severity } from '../problem.js';
import type { Source } from '../yaml/source.js';

/** Collects what the checks find, each with its place in the file. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  error(code: string, pointer: string, message: string, advice: string): void {
    this.#add('error', code, pointer, message, advice);
  }

  warning(code: string, pointer: string, message: string, advice: string): void {
    this.#add('warning', code, pointer, message, advice);
  }

  /** The line of the value at a pointer, for messages that name another place. */
  line(pointer: string): number {
    return this.#source.at(pointer).line;
  }

  #add(severity: Severity, code: string, pointer: string, message: string, advice: string): void {
    const { file } = this.#source;
    this.problems.push({
      code,
      severity,
      file,
      position: this.#source.at(pointer),
      pointer,
      message,
      advice,
    });
  }
}
