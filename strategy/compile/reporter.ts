/** Collects the problems of one file. */
import type { Problem, Severity, SourceMap } from '../problem.js';

export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly advice?: string | null;
  readonly severity?: Severity;
}

export class Reporter {
  readonly #source: SourceMap;
  readonly #problems: Problem[];

  constructor(source: SourceMap, problems: Problem[]) {
    this.#source = source;
    this.#problems = problems;
  }

  get file(): string {
    return this.#source.file;
  }

  report(pointer: string, finding: Finding): void {
    this.#problems.push({
      code: finding.code,
      severity: finding.severity ?? 'error',
      file: this.#source.file,
      position: this.#source.at(pointer),
      pointer,
      message: finding.message,
      advice: finding.advice ?? null,
    });
  }
}

/** "did you mean ...?" with the names that are there, or what there is to choose from. */
export function meant(suggestion: string | null, candidates: readonly string[], what: string): string {
  if (suggestion !== null) return `Did you mean "${suggestion}"?`;
  if (candidates.length === 0) return `There is no ${what}.`;
  const shown = candidates.slice(0, 8).join(', ');
  return `Known: ${shown}${candidates.length > 8 ? `, and ${candidates.length - 8} more` : ''}.`;
}

/** A sentence cut to what a line of a message can hold. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}
