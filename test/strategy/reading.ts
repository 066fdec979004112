/** Short ways through the stages, for tests. */
import { expect } from 'vitest';
import { parseBindings, parseStrategy } from '../../strategy/parse.js';
import type { Problem } from '../../strategy/problem.js';
import { checkSemantics } from '../../strategy/semantics/index.js';
import { validateBindings, validateStrategy } from '../../strategy/validate.js';

/** What reading and the schema say; empty when the text is accepted. */
export function problemsOf(text: string): readonly Problem[] {
  const parsed = parseStrategy(text, 'm.yaml');
  if (!parsed.ok) return parsed.problems;
  const valid = validateStrategy(parsed.value);
  return valid.ok ? [] : valid.problems;
}

export function bindingProblemsOf(text: string): readonly Problem[] {
  const parsed = parseBindings(text, 'b.yaml');
  if (!parsed.ok) return parsed.problems;
  const valid = validateBindings(parsed.value);
  return valid.ok ? [] : valid.problems;
}

/** What the checks beyond the schema say of a strategy that the schema accepts. */
export function semanticProblemsOf(strategy: unknown): readonly Problem[] {
  const text = typeof strategy === 'string' ? strategy : JSON.stringify(strategy, null, 1);
  const parsed = parseStrategy(text, 'm.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const valid = validateStrategy(parsed.value);
  if (!valid.ok) throw new Error(JSON.stringify(valid.problems));
  return checkSemantics(valid.document, parsed.value.source);
}

/** `line:column code pointer`, which is what most tests ask about. */
export function briefly(problems: readonly Problem[]): readonly string[] {
  return problems.map(
    ({ position, code, pointer }) => `${position.line}:${position.column} ${code} ${pointer}`,
  );
}

/** Every position lies in the text, its end included. */
export function expectInside(text: string, problems: readonly Problem[]): void {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const { position, message } of problems) {
    const line = lines[position.line - 1];
    expect(line, `line ${position.line} of: ${message}`).toBeDefined();
    expect(position.column, message).toBeGreaterThanOrEqual(1);
    // A position may be that of the line break itself.
    expect(position.column, message).toBeLessThanOrEqual((line ?? '').length + 2);
  }
}
