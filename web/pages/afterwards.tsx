/** What comes after the completion, from the first second on: criteria, cleanup tasks, the monitoring period, the retrospective. */
import { describeFollowUp, kindLabel } from '../../strategy/run/afterwards.js';
import type { FollowUpView, MigrationView } from '../../strategy/run/view.js';
import { Requirements, TimeLeft } from './parts.js';
import { Row } from './row.js';

export function Afterwards({ view, now }: { readonly view: MigrationView; readonly now: number }) {
  const { afterwards, endedAt, status } = view;
  if (afterwards === undefined || afterwards.followUps.length + afterwards.optimizations.length === 0)
    return null;
  // Nothing comes after a run that did not complete.
  if (endedAt !== null && status !== 'completed') return null;
  return (
    <section id="afterwards" aria-labelledby="afterwards-title">
      <h2 id="afterwards-title">After the completion</h2>
      {afterwards.status === 'open' && (
        <p>The run is completed and still watched. Abort ends what is left; the run stays completed.</p>
      )}
      <ol class="tree">
        {afterwards.followUps.map((followUp) => (
          <Item followUp={followUp} now={now} open={afterwards.status === 'open'} />
        ))}
      </ol>
      {afterwards.optimizations.length > 0 && (
        <>
          <h3>To improve later</h3>
          <ul>
            {afterwards.optimizations.map((text) => (
              <li>{text}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Item({
  followUp,
  now,
  open,
}: {
  readonly followUp: FollowUpView;
  readonly now: number;
  readonly open: boolean;
}) {
  const { id, name, kind, status, due, irreversible, requirements } = followUp;
  const side = `${kindLabel(kind)}${irreversible ? ', point of no return' : ''}`;
  const counts =
    status === 'pending' || (kind === 'monitoring' && status !== 'completed' && status !== 'skipped');
  const until = open && counts ? due : null;
  return (
    <li id={`follow-up-${id}`} class="follow-up">
      <Row
        status={status}
        name={name}
        id={id}
        reason={until !== null && status === 'pending' ? '' : describeFollowUp(followUp)}
        side={side}
      />
      {until !== null && (
        <p class="inside">
          <TimeLeft until={until} now={now} />
        </p>
      )}
      <Requirements results={requirements} />
    </li>
  );
}
