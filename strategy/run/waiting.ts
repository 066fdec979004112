/** How long steps and gates waited for people, kept up to date event by event. */
import type { RunEvent } from './event.js';
import type { GateView, MigrationView, RunStatus, StepView } from './view.js';

const WAITING: ReadonlySet<RunStatus> = new Set(['waiting', 'paused']);

/** The phases with the time that passed until an event, where the run waited for people meanwhile: steps and gates under way waited. */
export function phasesAfter(
  view: Pick<MigrationView, 'asOf' | 'status' | 'phases'>,
  event: RunEvent,
): MigrationView['phases'] {
  const passed = Math.max(0, Date.parse(event.at) - Date.parse(view.asOf));
  if (passed === 0 || !WAITING.has(view.status)) return view.phases;
  const waitedLonger = <T extends { readonly waited?: number }>(part: T): T => ({
    ...part,
    waited: (part.waited ?? 0) + passed,
  });
  return view.phases.map((phase) => {
    const { steps, gate, gates } = phase;
    const inGate = <T extends GateView>(each: T): T =>
      each.status === 'waiting' ? waitedLonger(each) : each;
    return {
      ...phase,
      // Thousands of steps that are not under way are left as they are.
      steps: steps.some(isUnderWay)
        ? steps.map((step) => (isUnderWay(step) ? waitedLonger(step) : step))
        : steps,
      gate: gate === null ? null : inGate(gate),
      ...(gates === undefined ? {} : { gates: gates.map(inGate) }),
    };
  });
}

function isUnderWay({ startedAt, endedAt }: StepView): boolean {
  return startedAt !== null && endedAt === null;
}
