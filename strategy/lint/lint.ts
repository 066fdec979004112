/** What a strategy lacks, as far as every strategy must have it; `x-lint` silences a rule, with the reason. */
import type { StrategyDocument } from '../document.js';
import { below } from '../pointer.js';
import type { Problem } from '../problem.js';
import { inOrder } from '../problems.js';
import { Findings } from '../semantics/findings.js';
import { suggest } from '../suggest.js';
import type { Source } from '../yaml/source.js';
import { isRuleName, RULE_NAMES, RULES, type RuleName } from './rules.js';

/** The key, at the top of a strategy, of a map from rule names to reasons. */
export const LINT_KEY = 'x-lint';

/** The findings of the rules that are not silenced, as warnings; and what is wrong with the silencing itself. */
export function lint(document: StrategyDocument, source: Source): readonly Problem[] {
  const findings = new Findings(source);
  const silenced = silencedRules(document, findings);
  for (const rule of RULE_NAMES) {
    if (silenced.has(rule)) continue;
    for (const { pointer, message, advice } of RULES[rule](document)) {
      findings.warning(rule, pointer, message, advice);
    }
  }
  return inOrder(findings.problems);
}

function silencedRules(document: StrategyDocument, findings: Findings): ReadonlySet<RuleName> {
  const setting: unknown = Object.entries(document).find(([key]) => key === LINT_KEY)?.[1];
  const silenced = new Set<RuleName>();
  if (setting === undefined || setting === null) return silenced;
  const pointer = `/${LINT_KEY}`;
  if (typeof setting !== 'object' || Array.isArray(setting)) {
    const advice = `Write, for example: ${LINT_KEY}: { missing-dataset: "the checks are queries" }`;
    findings.error('lint-setting', pointer, `${LINT_KEY} must map names of rules to reasons`, advice);
    return silenced;
  }
  for (const [name, reason] of Object.entries(setting)) {
    const place = below(pointer, name);
    if (!isRuleName(name)) {
      const meant = suggest(name, RULE_NAMES);
      const advice = meant === null ? `The rules are: ${RULE_NAMES.join(', ')}.` : `Did you mean "${meant}"?`;
      findings.error('lint-setting', place, `there is no rule "${name}"`, advice);
    } else if (typeof reason !== 'string' || reason.trim() === '') {
      const advice = 'Give the reason as a text: reviewers read it.';
      findings.error('lint-setting', place, `the rule "${name}" is silenced without a reason`, advice);
    } else {
      silenced.add(name);
    }
  }
  return silenced;
}
