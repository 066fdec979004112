/** A step in the plan. One that failed opens by itself, with the end of its own output. */
import { duration, elapsed } from '../../strategy/render/elapsed.js';
import type { StepProgress, StepSample } from '../../strategy/run/progress.js';
import type { MigrationView, StepStatus, StepView } from '../../strategy/run/view.js';
import { stepPath } from '../paths.js';
import { overrideMarks } from './overrides.js';
import { lastLines, Output, Requirements, TimeLeft } from './parts.js';
import { Fold } from './row.js';
import { Sparkline } from './sparkline.js';

export interface Drawn {
  readonly view: MigrationView;
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
}

/** Nothing happens to them now, and nobody is asked. */
const QUIET: ReadonlySet<StepStatus> = new Set(['pending', 'completed', 'skipped', 'rolled_back']);

/** True for a step to which something happens. */
export function isOpen({ status }: StepView): boolean {
  return !QUIET.has(status);
}

export function Step({ step, drawn: { view, now } }: { readonly step: StepView; readonly drawn: Drawn }) {
  const { id, name, status, attempts, output } = step;
  const progress = view.progress.find((each) => each.step === id);
  const failed = status === 'failed' || status === 'rollback_failed';
  const marks = [
    ...(step.undo === 'impossible' ? ['point of no return'] : []),
    ...(attempts > 1 ? [`attempt ${attempts}`] : []),
    ...overrideMarks(view, id),
  ];
  const row = {
    ...{ status, name, id, marks },
    reason: status === 'pending' || status === 'completed' ? '' : step.reason,
    side: step.startedAt === null ? estimated(step) : elapsed(step.startedAt, step.endedAt, new Date(now)),
  };
  return (
    <li id={`step-${id}`}>
      <Fold row={row} open={failed || progress !== undefined}>
        {progress !== undefined && <Advance progress={progress} now={now} />}
        {(step.estimate !== undefined || step.waited !== undefined) && <Times step={step} now={now} />}
        <Samples samples={view.samples.filter((sample) => sample.step === id)} />
        <Requirements results={step.requirements} />
        {output !== null && output !== '' && (
          <Output label={`The end of the output of ${id}`} text={lastLines(output, 20)} bad={failed} />
        )}
        <p>
          <a href={stepPath(view.run, id)}>Output and details</a>
        </p>
      </Fold>
    </li>
  );
}

function estimated({ estimate }: StepView): string {
  return estimate === undefined ? '' : `estimated ${estimate}`;
}

/** Working and waiting told apart, beside what was estimated. */
export function Times({ step, now }: { readonly step: StepView; readonly now: number }) {
  const { startedAt, endedAt, estimate, waited = 0 } = step;
  if (startedAt === null) return null;
  const all = (endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt);
  return (
    <p class="dim">
      worked {duration(Math.max(0, all - waited))}
      {waited > 0 && `, waited ${duration(waited)} for people`}
      {estimate !== undefined && `; estimated ${estimate}`}
    </p>
  );
}

function Advance({ progress, now }: { readonly progress: StepProgress; readonly now: number }) {
  const { step, done, total, sentence, endsAt } = progress;
  return (
    <p class="advance">
      {total !== null && <progress max={total} value={done} aria-label={`Progress of ${step}`} />}
      <span>{sentence}</span>
      {endsAt !== null && <TimeLeft until={endsAt} now={now} />}
    </p>
  );
}

function Samples({ samples }: { readonly samples: readonly StepSample[] }) {
  const byText = new Map<string, StepSample[]>();
  for (const sample of samples) byText.set(sample.text, [...(byText.get(sample.text) ?? []), sample]);
  if (byText.size === 0) return null;
  return (
    <ul class="samples">
      {[...byText].map(([text, of]) => (
        <li>
          <span>{text}</span> <Sparkline text={text} samples={of} />
        </li>
      ))}
    </ul>
  );
}
