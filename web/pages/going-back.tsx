/** A rollback as the plan's own list backwards: what is undone, what is being undone, what comes next, and where it stops. */
import type { MigrationView, RollbackView, StepStatus, StepView } from '../../strategy/run/view.js';
import { Requirements } from './parts.js';
import { Fold } from './row.js';

/** Rows: those around the one that is being undone. */
const MOST = 100;

const UNDOING: ReadonlySet<StepStatus> = new Set(['rolled_back', 'rolling_back', 'rollback_failed']);

export function GoingBack({
  view,
  rollback,
}: {
  readonly view: MigrationView;
  readonly rollback: RollbackView;
}) {
  const { level, landing, cause, by } = rollback;
  const steps = undone(view, landing);
  const done = steps.filter(({ status }) => status === 'rolled_back').length;
  return (
    <section id="going-back" aria-labelledby="going-back-title" class="panel back">
      <h2 id="going-back-title">
        Rolling back to <code>{landing}</code>
      </h2>
      <p>{cause}</p>
      <p class="dim">
        {level} level{by === null ? '' : `, chosen by ${by}`}. {done} of {steps.length} undone, the latest
        first.
      </p>
      <ol class="tree">
        {steps.slice(0, MOST).map((step) => (
          <li id={`undo-${step.id}`}>
            <Fold
              row={{
                status: UNDOING.has(step.status) ? step.status : 'pending',
                name: `Undo ${step.name}`,
                id: step.id,
                reason: UNDOING.has(step.status) && step.status !== 'rolled_back' ? step.reason : '',
              }}
              open={step.status === 'rollback_failed'}
            >
              <Requirements results={step.requirements} />
              {step.status === 'rolled_back' && <p>{step.reason}</p>}
            </Fold>
          </li>
        ))}
        {steps.length > MOST && <li>and {steps.length - MOST} before them</li>}
        <li class="landing">
          Then the run is at <code>{landing}</code>
        </li>
      </ol>
    </section>
  );
}

/** What this rollback undoes: what it has undone and what it still undoes, in that order. */
function undone({ phases, applied }: MigrationView, landing: string): readonly StepView[] {
  const stays = phases.find(({ id }) => id === landing)?.steps.at(-1)?.id ?? landing;
  const steps = phases.flatMap((phase) => phase.steps);
  const first = steps.findIndex(({ id }) => id === stays) + 1;
  const standing = new Set(applied);
  return steps
    .slice(first)
    .filter(({ id, status }) => UNDOING.has(status) || standing.has(id))
    .reverse();
}
