/** From the text of a strategy to its plan, and everything that describes a run. Pure: no I/O, no clock. */
export type * from './bindings-document.js';
export {
  type NamedFreeze,
  type NamedWindow,
  nextOpening,
  type WindowState,
  windowState,
} from './calendar/state.js';
export type { Unbound } from './compile/compilation.js';
export { type Compiled, type CompileInput, compile } from './compile/compile.js';
export {
  COVERAGE_KINDS,
  type Coverage,
  type CoverageKind,
  type CoveredSentence,
} from './coverage.js';
export type { StrategyDocument } from './document.js';
export { canonicalJson, hashPlan } from './hash.js';
export { describeAction } from './kinds/effects/index.js';
export {
  type ParsedBindings,
  type ParsedStrategy,
  type ParseResult,
  parseBindings,
  parseStrategy,
} from './parse.js';
export type * from './plan.js';
export { formatProblem, type Position, type Problem, type Severity, type SourceMap } from './problem.js';
export { renderCoverage } from './render/coverage.js';
export { describeDuration } from './render/duration.js';
export { renderPlan } from './render/plan.js';
export { describeProbe, describeRequirement } from './render/requirement.js';
export { describeUndo } from './render/undo.js';
export * from './run/index.js';
export { checkSemantics } from './semantics/index.js';
export { parseDuration } from './sentence/duration.js';
export { type Validated, validateBindings, validateStrategy } from './validate.js';
export type { FileFact, WorkspaceReader } from './workspace-reader.js';
