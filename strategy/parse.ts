import type { Position, Problem, SourceMap } from "./problem.js";

/** Where the keys of a parsed file stand, beside its values. */
export interface Source extends SourceMap {
  /** The position of the key at a JSON pointer; of the value when it has no key (an item of a list). */
  key(pointer: string): Position;
}

/** The value of a file and where each part of it stands; not yet known to be a strategy or bindings. */
export interface Parsed {
  readonly value: unknown;
  readonly source: Source;
}

export type ParsedStrategy = Parsed & { readonly of: "strategy" };
export type ParsedBindings = Parsed & { readonly of: "bindings" };

export type ParseResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function parseStrategy(_text: string, _file: string): ParseResult<ParsedStrategy> {
  throw new Error("not written yet");
}

export function parseBindings(_text: string, _file: string): ParseResult<ParsedBindings> {
  throw new Error("not written yet");
}
