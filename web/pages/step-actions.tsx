/** What a step is planned to do, action by action, and how far it has come: stages of traffic and items included. */
import { linesOf } from '../../strategy/kinds/effects/index.js';
import type { PlannedStep } from '../../strategy/plan.js';
import type { StepView } from '../../strategy/run/view.js';

/** Actions in one page; a step with more is rare. */
const MOST = 100;

export function StepActions({ planned, step }: { readonly planned: PlannedStep; readonly step: StepView }) {
  const { actions, uses = [] } = planned;
  if (actions.length === 0) return null;
  const working = step.status === 'running' || step.status === 'failed';
  return (
    <section id="actions" aria-labelledby="actions-title">
      <h2 id="actions-title">What it does</h2>
      <ol class="ahead">
        {actions.slice(0, MOST).map((action, place) => (
          <li>
            <p>
              <Mark
                done={place < step.actionsDone}
                at={working && place === step.actionsDone}
                status={step.status}
              />
            </p>
            <pre>{linesOf(action).join('\n')}</pre>
          </li>
        ))}
      </ol>
      {actions.length > MOST && <p class="dim">and {actions.length - MOST} more actions</p>}
      {uses.map(({ id, kind, texts }) => (
        <details id={`item-${id}`}>
          <summary>
            {kind} <code>{id}</code>
          </summary>
          <ul class="declared">
            {texts.map((text) => (
              <li>{text}</li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}

function Mark({
  done,
  at,
  status,
}: {
  readonly done: boolean;
  /** The step is at this action. */
  readonly at: boolean;
  readonly status: StepView['status'];
}) {
  if (done) return <span class="good">✔ done</span>;
  if (!at) return <span class="dim">○ not yet</span>;
  return status === 'failed' ? <span class="bad">✖ failed here</span> : <span class="busy">▶ now</span>;
}
