/** A plan as one HTML page that needs no network and no script, for reviewers and for printing. */

import { describeFreeze, describeWindow } from '../calendar/describe.js';
import { describeAction } from '../kinds/effects/index.js';
import { oneLine } from '../kinds/text.js';
import type {
  Constraint,
  Plan,
  PlannedGate,
  PlannedLevel,
  PlannedPhase,
  PlannedStep,
  Requirement,
} from '../plan.js';
import { describeRoles } from '../run/electorate.js';
import { describeArchive } from './archive.js';
import { describeDowntimeLimit } from './downtime.js';
import { describeDuration } from './duration.js';
import { describeLocks } from './locks.js';
import { renderDocument, Section } from './page-parts.js';
import { describeProbe } from './requirement.js';
import { describeTimelineOf } from './timeline.js';
import { describeToldOf } from './told.js';
import { describeUndo } from './undo.js';

/** A whole document. All text of the strategy is escaped by the JSX runtime. */
export function renderPlanPage(plan: Plan): string {
  const { name, version } = plan.strategy;
  const steps = plan.phases.flatMap((phase) => phase.steps);
  return renderDocument(
    `${name} ${version}: plan`,
    <>
      <header>
        <h1>
          {name} <small>{version}</small>
        </h1>
        <p>
          Plan <code>{plan.hash.slice(0, 12)}</code>: {plan.phases.length} phases, {steps.length} steps.
        </p>
      </header>
      <main>
        <Section title="Timeline">
          <Timeline plan={plan} />
          <ul>
            {describeTimelineOf(plan).map((line) => (
              <li>{line}</li>
            ))}
          </ul>
        </Section>
        {describeToldOf(plan).length > 0 && (
          <Section title="Who is told">
            <ul>
              {describeToldOf(plan).map((line) => (
                <li>{line}</li>
              ))}
            </ul>
          </Section>
        )}
        {(plan.constraints.length + (plan.locks ?? []).length > 0 || plan.bindings.archive !== undefined) && (
          <Section title="When it may run">
            <ul>
              {plan.constraints.map((constraint) => (
                <li>{describeConstraint(constraint)}</li>
              ))}
              {[
                ...describeLocks(plan.locks),
                ...describeArchive(plan.bindings.archive),
                ...describeDowntimeLimit(plan.downtime),
              ].map((line) => (
                <li>{line}</li>
              ))}
            </ul>
          </Section>
        )}
        {plan.prerequisites.length > 0 && (
          <Section title="Before the first phase">
            {plan.prerequisites.map(({ id, name: what, owner, requirements }) => (
              <article>
                <h3>
                  <code>{id}</code> {what}
                </h3>
                {owner !== null && <p>Owner: {owner}</p>}
                <Requirements label="Must hold" requirements={requirements} />
              </article>
            ))}
          </Section>
        )}
        {plan.phases.map((phase, index) => (
          <Phase phase={phase} number={index + 1} />
        ))}
        <Section title="Completion">
          <Requirements label="Must hold" requirements={plan.completion.requirements} />
          {plan.completion.approval !== null && (
            <p>Approved by {plan.completion.approval.approvers.join(' and ') || 'anyone'}.</p>
          )}
        </Section>
        <Section title="The way back">
          <WayBack plan={plan} />
        </Section>
        <Section title="Who decides">
          <Deciders plan={plan} />
        </Section>
      </main>
    </>,
  );
}

function Phase({ phase, number }: { readonly phase: PlannedPhase; readonly number: number }) {
  return (
    <Section title={`Phase ${number}: ${phase.name}`}>
      {phase.pointOfNoReturn && <PointOfNoReturn what="phase" />}
      <Requirements label="Starts when" requirements={phase.startConditions} />
      {phase.steps.map((step) => (
        <Step step={step} />
      ))}
      {phase.gate !== null && <Gate gate={phase.gate} />}
    </Section>
  );
}

function Step({ step }: { readonly step: PlannedStep }) {
  return (
    <article id={`step-${step.id}`}>
      <h3>
        <code>{step.id}</code> {step.name}
      </h3>
      {step.responsible !== null && <p>Responsible: {step.responsible}</p>}
      {step.undo.kind === 'impossible' && <PointOfNoReturn what="step" />}
      <Requirements label="Only if" requirements={step.conditions} />
      <Terms
        terms={[
          [
            'Does',
            step.actions.length === 0 ? ['nothing: it only checks'] : step.actions.map(describeAction),
          ],
          [
            'Watches',
            (step.watch?.conditions ?? []).map(
              ({ text, onFire }) =>
                `${oneLine(text)} (${onFire === 'notify' ? 'alerts' : 'fails the step and starts a rollback'})`,
            ),
          ],
          ['Uses', (step.uses ?? []).map(({ id, kind, texts }) => `${kind} ${id}: ${texts.join('; ')}`)],
          ['Soaks', step.soakMs > 0 ? [describeDuration(step.soakMs)] : []],
          ['Way back', [describeUndo(step.undo)]],
        ]}
      />
      <Requirements label="Checks" requirements={step.checks} />
    </article>
  );
}

function Gate({ gate }: { readonly gate: PlannedGate }) {
  return (
    <article class="gate" id={`gate-${gate.id}`}>
      <h3>
        Gate <code>{gate.id}</code> {gate.name}
      </h3>
      <Requirements label="Holds if" requirements={gate.requirements} />
      {gate.approval !== null && <p>Approved by {gate.approval.approvers.join(' and ') || 'anyone'}.</p>}
      <p>If it fails: {gate.failureResponse === 'rollback' ? 'rolls back at once' : 'a person decides'}.</p>
    </article>
  );
}

function WayBack({ plan }: { readonly plan: Plan }) {
  const steps = plan.phases.flatMap((phase) => phase.steps).reverse();
  return (
    <>
      <p>A rollback undoes what was applied, the youngest step first:</p>
      <ol>
        {steps
          .filter(({ undo }) => undo.kind !== 'nothing')
          .map((step) => (
            <li>
              <code>{step.id}</code> {describeUndo(step.undo)}
            </li>
          ))}
      </ol>
      {plan.levels.map((level) => (
        <Level level={level} />
      ))}
    </>
  );
}

function Level({ level }: { readonly level: PlannedLevel }) {
  return (
    <article>
      <h3>{level.level} rollback</h3>
      <p>{level.description}</p>
      {level.approvalRequired && <p>Approved by {level.responsible ?? 'anyone'}.</p>}
      <Requirements label="Fires if" requirements={level.triggers} />
      <Terms
        terms={[
          ['Covers steps without an undo', level.actions.map(describeAction)],
          ['By hand', level.manualSteps.map(oneLine)],
        ]}
      />
      <Requirements label="Then checks" requirements={level.checks} />
    </article>
  );
}

function Deciders({ plan }: { readonly plan: Plan }) {
  const who = (roles: readonly string[]) => describeRoles(roles, plan.bindings.roles) || 'anyone';
  const rows: readonly (readonly [string, string])[] = [
    ...plan.phases.flatMap(({ gate }) =>
      gate?.approval
        ? ([[`Approval of ${gate.id}`, gate.approval.approvers.join(' and ') || 'anyone']] as const)
        : [],
    ),
    ...(plan.completion.approval
      ? ([
          ['Approval of the completion', plan.completion.approval.approvers.join(' and ') || 'anyone'],
        ] as const)
      : []),
    ['Roll back', who(plan.authority.rollback)],
    ['Abort', who(plan.authority.abort)],
    ['Pause and resume', who(plan.authority.pause)],
    ['Override a window', who(plan.authority.override)],
  ];
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Decision</th>
          <th scope="col">Decided by</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([what, roles]) => (
          <tr>
            <th scope="row">{what}</th>
            <td>{roles}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One bar per step that soaks: how long the run waits there at least, in proportion to the longest. */
function Timeline({ plan }: { readonly plan: Plan }) {
  const rows = plan.phases.flatMap((phase) => phase.steps.map((step) => ({ phase, step })));
  const longest = Math.max(1, ...rows.map(({ step }) => step.soakMs));
  const total = rows.reduce((sum, { step }) => sum + step.soakMs, 0);
  return (
    <>
      <p>{total === 0 ? 'No step soaks.' : `Soaks for at least ${describeDuration(total)} in all.`}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">Phase</th>
            <th scope="col">Step</th>
            <th scope="col">Soak</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ phase, step }) => (
            <tr>
              <td>{phase.name}</td>
              <th scope="row">
                <a href={`#step-${encodeURIComponent(step.id)}`}>{step.name}</a>
              </th>
              <td>
                {step.soakMs > 0 && (
                  <>
                    <svg width="200" height="10" aria-hidden="true">
                      <rect
                        width={Math.max(2, Math.round((200 * step.soakMs) / longest))}
                        height="10"
                        rx="2"
                      />
                    </svg>{' '}
                    {describeDuration(step.soakMs)}
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Requirements({
  label,
  requirements,
}: {
  readonly label: string;
  readonly requirements: readonly Requirement[];
}) {
  if (requirements.length === 0) return null;
  return (
    <dl>
      <dt>{label}</dt>
      {requirements.map(({ text, probe }) => (
        <dd>
          {oneLine(text)} <span class="how">({describeProbe(probe)})</span>
        </dd>
      ))}
    </dl>
  );
}

function Terms({ terms }: { readonly terms: readonly (readonly [string, readonly string[]])[] }) {
  const filled = terms.filter(([, lines]) => lines.length > 0);
  if (filled.length === 0) return null;
  return (
    <dl>
      {filled.map(([label, lines]) => (
        <>
          <dt>{label}</dt>
          {lines.map((line) => (
            <dd>{line}</dd>
          ))}
        </>
      ))}
    </dl>
  );
}

function PointOfNoReturn({ what }: { readonly what: string }) {
  return (
    <p class="irreversible">
      <strong>Point of no return:</strong> this {what} cannot be undone.
    </p>
  );
}

function describeConstraint(constraint: Constraint): string {
  switch (constraint.kind) {
    case 'window':
      return `Only within: ${constraint.text} (${describeWindow(constraint.window)})`;
    case 'freeze':
      return `${constraint.text} (not from ${describeFreeze(constraint.freeze)})`;
    case 'person':
      return `${constraint.text} (a person is asked)`;
    default:
      return constraint satisfies never;
  }
}
