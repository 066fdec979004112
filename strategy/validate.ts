import type { BindingsDocument } from "./bindings-document.js";
import type { StrategyDocument } from "./document.js";
import type { ParsedBindings, ParsedStrategy } from "./parse.js";
import type { Problem } from "./problem.js";

export type Validated<T> =
  | { readonly ok: true; readonly document: T; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function validateStrategy(_parsed: ParsedStrategy): Validated<StrategyDocument> {
  throw new Error("not written yet");
}

export function validateBindings(_parsed: ParsedBindings): Validated<BindingsDocument> {
  throw new Error("not written yet");
}
