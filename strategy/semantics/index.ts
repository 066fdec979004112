import type { StrategyDocument } from "../document.js";
import type { Source } from "../parse.js";
import type { Problem } from "../problem.js";

/** Everything that is wrong, or should be known, about a schema-valid strategy taken alone; sorted by position. */
export function checkSemantics(_document: StrategyDocument, _source: Source): readonly Problem[] {
  return [];
}
