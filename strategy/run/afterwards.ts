/** What comes after the completion, in the view: pure changes, and how people read it. */
import type { FollowUp } from '../plan.js';
import type { AfterwardsStatus, FollowUpStatus, FollowUpView } from './afterwards-view.js';
import type { EventBody, RunEvent } from './event.js';
import type { Outline } from './outline.js';
import type { MigrationView } from './view.js';

/** What a plan still has to do after its completion, before anything happened. */
export function newAfterwards(outline: Outline['afterwards']): Pick<MigrationView, 'afterwards'> {
  if (outline === undefined) return {};
  const followUps = outline.followUps.map(
    (followUp): FollowUpView => ({
      ...followUp,
      status: 'pending',
      reason: '',
      due: null,
      actionsDone: 0,
      requirements: [],
    }),
  );
  return { afterwards: { status: 'pending', followUps, optimizations: outline.optimizations } };
}

/** The migration takes place again, so what came after it counts no more. */
export function afterwardsAgain(view: MigrationView): MigrationView {
  return view.afterwards === undefined ? view : { ...view, ...newAfterwards(view.afterwards) };
}

export function inFollowUp(
  view: MigrationView,
  id: string,
  update: (followUp: FollowUpView) => FollowUpView,
): MigrationView {
  const { afterwards } = view;
  if (afterwards === undefined) return view;
  const followUps = afterwards.followUps.map((each) => (each.id === id ? update(each) : each));
  return { ...view, afterwards: { ...afterwards, followUps } };
}

export function withAfterwards(view: MigrationView, status: AfterwardsStatus): MigrationView {
  return view.afterwards === undefined ? view : { ...view, afterwards: { ...view.afterwards, status } };
}

export function followUpChanged(
  view: MigrationView,
  { id, status, reason, due }: Extract<EventBody, { type: 'follow-up-status' }>,
): MigrationView {
  return inFollowUp(view, id, (known) => ({
    ...known,
    status,
    reason,
    due: due === undefined ? known.due : due,
  }));
}

/** An action of a follow-up, which no phase has. */
export function followUpActed(
  view: MigrationView,
  event: Extract<RunEvent, { type: 'action-finished' }>,
): MigrationView {
  if (event.outcome !== 'done' || event.purpose !== 'apply') return view;
  return inFollowUp(view, event.step, (known) => ({
    ...known,
    actionsDone: Math.max(known.actionsDone, event.index + 1),
  }));
}

/** True for the last event of a run that was completed, and told so, earlier. */
export function endsWatching(
  event: Pick<Extract<EventBody, { type: 'run-ended' }>, 'status'>,
  { afterwards }: Pick<MigrationView, 'afterwards'>,
): boolean {
  return event.status === 'completed' && (afterwards?.followUps ?? []).length > 0;
}

const SETTLED: ReadonlySet<FollowUpStatus> = new Set(['completed', 'skipped']);

export function isSettled({ status }: Pick<FollowUpView, 'status'>): boolean {
  return SETTLED.has(status);
}

/** The earliest time at which something happens by itself; null without any. */
export function nextDue({ afterwards }: Pick<MigrationView, 'afterwards'>): string | null {
  if (afterwards?.status !== 'open') return null;
  const dues = afterwards.followUps.flatMap((each) =>
    isSettled(each) || each.due === null ? [] : [each.due],
  );
  return dues.sort()[0] ?? null;
}

/** When the last of it is due; null when nobody knows. */
export function watchedUntil({ afterwards }: Pick<MigrationView, 'afterwards'>): string | null {
  const open = (afterwards?.followUps ?? []).filter((each) => !isSettled(each));
  if (open.some(({ due }) => due === null)) return null;
  return (
    open
      .map(({ due }) => due ?? '')
      .sort()
      .at(-1) ?? null
  );
}

/** The one line of a run that is completed and still watched. */
export function watchedReason(view: MigrationView): string {
  const open = (view.afterwards?.followUps ?? []).filter((each) => !isSettled(each));
  const until = watchedUntil(view);
  const head = `Every phase is done and the completion criteria hold. Still watched${until === null ? '' : ` until ${until}`}`;
  const [next] = open
    .filter(({ due }) => due !== null)
    .sort((a, b) => (a.due ?? '').localeCompare(b.due ?? ''));
  const comes =
    next === undefined || next.kind === 'monitoring'
      ? ''
      : ` Next: ${next.id} (${next.name}) at ${next.due}.`;
  return `${head}; ${open.length} of ${view.afterwards?.followUps.length ?? 0} open.${comes} End it with: sluice abort ${view.run}`;
}

/** What a kind of follow-up is called. */
export function kindLabel(kind: FollowUp['kind']): string {
  switch (kind) {
    case 'criterion':
      return 'business criterion';
    case 'cleanup':
      return 'cleanup task';
    case 'monitoring':
      return 'monitoring period';
    case 'retrospective':
      return 'retrospective';
    case 'notice':
      return 'notice';
    default:
      return kind satisfies never;
  }
}

/** When it comes, or what has become of it. */
export function describeFollowUp({ kind, status, reason, due, timing }: FollowUpView): string {
  if (status !== 'pending') return reason;
  if (due === null) return timing;
  return kind === 'monitoring' ? `until ${due}` : `at ${due}`;
}
