/** The steps of one phase, page by page, for runs whose plan is too large to be shown whole. */
import type { MigrationView, StepView } from '../../strategy/run/view.js';
import { phasePath } from '../paths.js';
import { Paging } from './paging.js';
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
      <Paging
        label="Pages of the steps"
        {...{ from, shown: steps.length, total: null, size: STEPS_SHOWN, more }}
        link={(start) => phasePath(view.run, phase, start)}
      />
      <ol class="tree flat">
        {steps.map((step) => (
          <Step step={step} drawn={{ view, now }} />
        ))}
      </ol>
    </>
  );
}
