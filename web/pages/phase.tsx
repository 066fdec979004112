/** The steps of one phase, page by page, for runs whose plan is too large to be shown whole. */
import type { MigrationView, StepView } from '../../strategy/run/view.js';
import { phasePath } from '../paths.js';
import { Crumb } from './parts.js';
import { Step } from './step-row.js';

export interface PhaseModel {
  readonly view: MigrationView;
  readonly now: number;
  readonly phase: string;
  readonly steps: readonly StepView[];
  readonly from: number;
  readonly more: boolean;
}

/** Steps in one page. */
export const STEPS_SHOWN = 100;

export function PhasePage({ view, now, phase, steps, from, more }: PhaseModel) {
  return (
    <>
      <Crumb run={view.run}>
        <code>{phase}</code>
      </Crumb>
      <h1>Steps of {phase}</h1>
      <nav aria-label="Pages of the steps" class="pages">
        {from > 0 && <a href={phasePath(view.run, phase, Math.max(0, from - STEPS_SHOWN))}>Earlier</a>}
        <span>
          {from + 1} to {from + steps.length}
        </span>
        {more && <a href={phasePath(view.run, phase, from + STEPS_SHOWN)}>Later</a>}
      </nav>
      <ol class="tree flat">
        {steps.map((step) => (
          <Step step={step} drawn={{ view, now }} />
        ))}
      </ol>
    </>
  );
}
