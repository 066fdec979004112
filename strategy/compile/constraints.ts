/** The sentences about when a migration may run: bound, read where they are understood whole, or asked of a person. */
import { describeFreeze, describeWindow } from '../calendar/describe.js';
import { nonBlank, numbered } from '../document.js';
import type { Constraint } from '../plan.js';
import { below } from '../pointer.js';
import { parseFreeze, parseWindow } from '../sentence/calendar.js';
import { whyUnread } from './calendar.js';
import type { Compilation } from './compilation.js';

export function compileConstraints(c: Compilation): readonly Constraint[] {
  const constraints = c.document.migration_overview?.constraints;
  const pointer = '/migration_overview/constraints';
  const window = nonBlank(constraints?.migration_window);
  return [
    ...(window === null ? [] : [constraintOf(c, window, below(pointer, 'migration_window'))]),
    ...numbered(constraints?.business_constraints).map(({ index, text }) =>
      constraintOf(c, text, below(pointer, 'business_constraints', index)),
    ),
  ];
}

function constraintOf(c: Compilation, text: string, pointer: string): Constraint {
  const read = readConstraint(c, text);
  if ('constraint' in read) {
    c.cover(pointer, text, 'automated', read.how);
    return read.constraint;
  }
  c.coverByPerson(pointer, text, `asked of anyone, before the first phase${read.why}`);
  return { kind: 'person', text };
}

/** A window or freeze that is bound, or read where it is understood whole; `why` it is not. */
export function readConstraint(
  c: Compilation,
  text: string,
): { readonly constraint: Constraint; readonly how: string } | { readonly why: string } {
  const bound = boundConstraint(c, text);
  if (bound !== null) return { constraint: bound, how: `${bound.kind} binding` };
  const freeze = parseFreeze(text);
  if (freeze.kind === 'understood') {
    const how = `read as the freeze ${describeFreeze(freeze.value)}`;
    return { constraint: { kind: 'freeze', text, freeze: freeze.value }, how };
  }
  const window = parseWindow(text);
  if (window.kind === 'understood') {
    const how = `read as the window ${describeWindow(window.value)}`;
    return { constraint: { kind: 'window', text, window: window.value }, how };
  }
  const why = [freeze, window].flatMap((reading) =>
    reading.kind === 'partly' ? [`; ${whyUnread(reading)}`] : [],
  );
  return { why: why[0] ?? '' };
}

function boundConstraint(c: Compilation, text: string): Constraint | null {
  const window = c.bindings.windows.get(text);
  if (window !== undefined) {
    c.bindings.used.add(`windows/${text}`);
    return { kind: 'window', text, window };
  }
  const freeze = c.bindings.freezes.get(text);
  if (freeze === undefined) return null;
  c.bindings.used.add(`freezes/${text}`);
  return { kind: 'freeze', text, freeze };
}
