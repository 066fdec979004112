/** `escalation` of the bindings: by role, when it is reminded, and who is asked when it does not answer. */
import type { BindingsDocument } from '../bindings-document.js';
import type { Escalation, Escalations, Plan } from '../plan.js';
import { below } from '../pointer.js';
import { parseDuration } from '../sentence/duration.js';
import { suggest } from '../suggest.js';
import type { Compilation } from './compilation.js';
import { meant, type Reporter } from './reporter.js';

/** Reminders that come faster are noise, and fill the record. */
const SHORTEST_MS = 60_000;

/** Called last, when every role of the strategy is known. `reporter`: of the bindings. */
export function compileEscalation(
  c: Compilation,
  bindings: BindingsDocument['escalation'] | null,
  reporter: Reporter,
): Pick<Plan, 'escalation'> {
  const entries = Object.entries(bindings ?? {});
  const known = new Set([...c.roles, ...Object.keys(c.bindings.planned.roles)]);
  const check = (role: string, pointer: string): void => {
    if (known.has(role)) c.role(role);
    else {
      // Anyone who acts under its name would hold such a role: a typing error must not grant it.
      reporter.report(pointer, {
        code: 'unknown-role',
        message: `the role "${role}" is in neither the strategy nor the bindings`,
        advice: `${meant(suggest(role, known), [...known], 'role')} Name its members under "roles" if it is another.`,
      });
    }
  };
  const escalation = Object.fromEntries(
    entries.map(([role, { remind, after, to }]): [string, Escalation] => {
      const pointer = below('/escalation', role);
      check(role, pointer);
      if (to != null) check(to, below(pointer, 'to'));
      if (to != null && after == null) {
        reporter.report(below(pointer, 'to'), {
          code: 'bad-escalation',
          message: `"${to}" would never be asked: the time after which it is asked is missing`,
          advice: 'Add it, for example: after: 4 hours',
        });
      }
      return [
        role,
        {
          remindMs: millisecondsOf(remind ?? null, below(pointer, 'remind'), SHORTEST_MS, reporter),
          afterMs: millisecondsOf(after ?? null, below(pointer, 'after'), 1, reporter),
          to: to ?? null,
        },
      ];
    }),
  );
  reportCycles(escalation, reporter);
  return entries.length === 0 ? {} : { escalation };
}

function millisecondsOf(
  text: string | null,
  pointer: string,
  shortest: number,
  reporter: Reporter,
): number | null {
  if (text === null) return null;
  const ms = parseDuration(text);
  if (ms !== null && ms >= shortest) return ms;
  reporter.report(pointer, {
    code: 'bad-duration',
    message:
      ms === null || ms <= 0
        ? `"${text}" is not a duration above zero`
        : `"${text}" is too short: reminders are at least a minute apart`,
    advice: 'Write it as "30 minutes", "4 hours" or "PT4H".',
  });
  return null;
}

/** A chain that comes back asks nobody new. */
function reportCycles(escalation: Escalations, reporter: Reporter): void {
  for (const role of Object.keys(escalation)) {
    const chain = chainFrom(role, escalation);
    if (chain.at(-1) !== role || chain.length < 2) continue;
    reporter.report(below('/escalation', role, 'to'), {
      code: 'escalation-cycle',
      message: `the escalation comes back to where it began: ${chain.map((each) => `"${each}"`).join(' -> ')}`,
      advice: 'Let the last of them escalate to another role, or to nobody.',
    });
    return;
  }
}

function chainFrom(role: string, escalation: Escalations): readonly string[] {
  const chain = [role];
  for (let at = next(role, escalation); at !== null; at = next(at, escalation)) {
    const seen = chain.includes(at);
    chain.push(at);
    if (seen) break;
  }
  return chain;
}

function next(role: string, escalation: Escalations): string | null {
  return Object.hasOwn(escalation, role) ? (escalation[role]?.to ?? null) : null;
}
