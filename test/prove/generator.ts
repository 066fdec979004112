/** Random valid cases (fast-check). Small on purpose: two bugs meet in three steps, and a case costs processes. */
import fc from 'fast-check';
import type { Level } from '../../strategy/plan.js';
import {
  type Act,
  type Case,
  type Check,
  type Fact,
  type LevelCase,
  type PhaseCase,
  type PlacedGateCase,
  ROLES,
  type Role,
  type StepCase,
  type Trouble,
  type Undo,
} from './case.js';

const often = (weight: number) => fc.nat(99).map((value) => value < weight);
const role: fc.Arbitrary<Role | null> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.constantFrom(...ROLES) },
);

const times = fc.constantFrom(1, 1, 2, 99);
const trouble: fc.Arbitrary<Trouble | null> = fc.oneof(
  { weight: 34, arbitrary: fc.constant(null) },
  { weight: 5, arbitrary: fc.record({ how: fc.constantFrom('late', 'early'), times }) },
  { weight: 1, arbitrary: fc.constant({ how: 'hangs', times: 1 } as const) },
);

type Raw<T> = T extends { readonly name: string } ? Omit<T, 'name'> : T;

const act = (...kinds: readonly Act['kind'][]): fc.Arbitrary<Raw<Act>> =>
  fc.record({ kind: fc.constantFrom(...kinds), trouble, raises: fc.constant(0) });
/** Commands and statements, or one script in their place. */
const acts = (most: number, ...more: readonly Act['kind'][]): fc.Arbitrary<readonly Raw<Act>[]> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.array(act('command', 'sql', ...more), { minLength: 1, maxLength: most }) },
    { weight: 1, arbitrary: act('script', 'sql-script').map((one) => [one]) },
  );

const machine = fc.record({
  how: fc.constant('machine' as const),
  via: fc.constantFrom('prefix', 'binding', 'dataset'),
  bad: fc.constantFrom('fail', 'fail', 'inconclusive'),
  times: fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 99),
});
const bySql = fc.record({
  how: fc.constant('sql' as const),
  verdict: fc.constantFrom('pass', 'pass', 'pass', 'fail', 'inconclusive'),
});
const byPerson = fc.constant({ how: 'person' as const });
const byMetric = fc.constant({ how: 'metric', via: 'binding' } as const);
const byState = fc.record({ how: fc.constant('state' as const), pick: fc.nat(20) });

type RawCheck =
  | Raw<Extract<Check, { how: 'machine' }>>
  | Raw<Extract<Check, { how: 'sql' }>>
  | { readonly how: 'person' }
  | { readonly how: 'metric'; readonly via: 'binding' | 'command' }
  | { readonly how: 'state'; readonly pick: number };

const check: fc.Arbitrary<RawCheck> = fc.oneof(
  { weight: 6, arbitrary: machine },
  { weight: 2, arbitrary: bySql },
  { weight: 3, arbitrary: byPerson },
  { weight: 2, arbitrary: byState },
  { weight: 1, arbitrary: byMetric },
);
/** Without the run's own state. */
const plainCheck: fc.Arbitrary<RawCheck> = fc.oneof(
  { weight: 5, arbitrary: machine },
  { weight: 1, arbitrary: bySql },
  { weight: 2, arbitrary: byPerson },
);
const few = (one: fc.Arbitrary<RawCheck>, most: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(one, { maxLength: most }) },
  );

const undo: fc.Arbitrary<'none' | 'impossible' | { acts: readonly Raw<Act>[]; checks: readonly RawCheck[] }> =
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        acts: acts(2, 'manual'),
        checks: fc.oneof(
          { weight: 4, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: machine.map((one) => [{ ...one, via: 'dataset' as const }]) },
        ),
      }),
    },
    { weight: 3, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constant('impossible' as const) },
  );

const step = fc.record({
  validating: often(8),
  responsible: role,
  preconditions: few(check, 2),
  acts: fc.oneof({ weight: 9, arbitrary: acts(3) }, { weight: 1, arbitrary: fc.constant([]) }),
  byHand: often(12),
  raises: fc.constantFrom(0, 0, 0, 0, 1, 99),
  checks: few(check, 2),
  undo,
  alerts: fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom('trouble', 'nodata', 'calm'), { maxLength: 2 }) },
  ),
  soaks: often(12),
  uses: often(25),
  broken: often(1),
  tries: fc.constantFrom(1, 1, 1, 1, 2, 3),
});

const approvers = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.uniqueArray(fc.constantFrom(...ROLES), { minLength: 1, maxLength: 2 }) },
);
const gate = fc.record({
  checks: fc.array(check, { minLength: 1, maxLength: 2 }),
  approvers,
  response: fc.constantFrom('block', 'rollback', 'manual_decision'),
});
const placedGate = fc.record({
  /** Behind which step, of as many as the phase has; 0 before the first. */
  place: fc.nat(3),
  type: fc.constantFrom('automated', 'automated', 'manual', 'hybrid'),
  checks: fc.array(check, { minLength: 1, maxLength: 2 }),
  response: fc.constantFrom('block', 'rollback', 'manual_review'),
  escalation: fc.constantFrom(null, null, 'Lead', 'Ops'),
});
const phase = fc.record({
  start: few(check, 1),
  pointOfNoReturn: often(12),
  steps: fc.array(step, { minLength: 1, maxLength: 3 }),
  gate: fc.option(gate, { freq: 2 }),
  gates: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(placedGate, { minLength: 1, maxLength: 2 }) },
  ),
});
const level = fc.record({
  maker: role,
  approval: often(30),
  acts: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: acts(2, 'manual') }),
  manual: often(15),
  checks: few(plainCheck, 2),
  /** Every step is watched for them, as often as time permits: those that count their evaluations would differ. */
  triggers: few(
    fc.oneof(
      { weight: 2, arbitrary: fc.constant({ how: 'metric', via: 'command' } as const) },
      { weight: 1, arbitrary: byPerson },
      { weight: 2, arbitrary: byMetric },
    ),
    2,
  ),
});

const prerequisite = fc.record({
  owner: role,
  status: fc.oneof(
    { weight: 8, arbitrary: fc.constant('pending' as const) },
    { weight: 2, arbitrary: fc.constant('verified' as const) },
    { weight: 1, arbitrary: fc.constant('blocked' as const) },
  ),
  check: plainCheck,
});

const sketch = fc.record({
  actor: fc.nat(),
  onFailure: fc.constantFrom('strategy', 'strategy', 'strategy', 'full'),
  prerequisites: fc.oneof(
    { weight: 3, arbitrary: fc.array(prerequisite, { maxLength: 0 }) },
    { weight: 1, arbitrary: fc.array(prerequisite, { maxLength: 2 }) },
  ),
  constrained: often(8),
  phases: fc.array(phase, { minLength: 1, maxLength: 3 }),
  continuous: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.uniqueArray(fc.constantFrom('metric', 'command', 'alert', 'calm', 'person'), {
        minLength: 1,
        maxLength: 2,
      }),
    },
  ),
  completion: fc.record({ checks: few(check, 2), approvers }),
  levels: fc.record({ step: level, phase: level, full: level }, { requiredKeys: [] }),
  authority: fc.constantFrom(null, null, ['Ops'] as const, ['Lead', 'Ops'] as const, ['Lead'] as const),
});

type RawGate = typeof placedGate extends fc.Arbitrary<infer T> ? T : never;

type Sketch = typeof sketch extends fc.Arbitrary<infer T> ? T : never;

export const cases: fc.Arbitrary<Case> = sketch.map(named);

const SIZES: readonly Level[] = ['step', 'phase', 'full'];

/** Gives everything its name, and settles what would make a race of it (see `withoutRaces`). */
function named(raw: Sketch): Case {
  const known: Fact[] = [];
  const prerequisites = raw.prerequisites.map(({ owner, status, check }, index) => {
    const id = `PREREQ-${index + 1}`;
    const [one] = checksOf(`${id}.check`, [check], []);
    known.push({ of: 'prerequisite', id });
    return { id, owner, status, check: one ?? ({ how: 'person', name: id } as const) };
  });
  let count = 0;
  let gates = 0;
  let placed = 0;
  const phases = raw.phases.map((given, index): PhaseCase => {
    const id = `PHASE-${index + 1}`;
    const start = checksOf(`${id}.start`, given.start, known);
    const within: PlacedGateCase[] = [];
    const rawGates: readonly RawGate[] = given.gates;
    const passGates = (place: number, after: string | null): void => {
      for (const one of rawGates.filter((each) => each.place % (given.steps.length + 1) === place)) {
        placed += 1;
        const { type, response, escalation } = one;
        const id = `VG-${placed}`;
        within.push({
          id,
          after,
          type,
          response,
          escalation,
          checks: checksOf(`${id}.check`, one.checks, known),
        });
        known.push({ of: 'gate', id });
      }
    };
    passGates(0, null);
    const steps = given.steps.map((one, place): StepCase => {
      count += 1;
      const made = stepOf(`STEP-${count}`, one, known);
      known.push({ of: 'step', id: made.id });
      passGates(place + 1, made.id);
      return made;
    });
    let gate: PhaseCase['gate'] = null;
    if (given.gate !== null) {
      gates += 1;
      const { checks, approvers, response } = given.gate;
      gate = {
        id: `GATE-${gates}`,
        checks: checksOf(`GATE-${gates}.check`, checks, known),
        approvers,
        response,
      };
      known.push({ of: 'gate', id: gate.id });
    }
    known.push({ of: 'phase', id });
    return { id, start, pointOfNoReturn: given.pointOfNoReturn, steps, gate, gates: within };
  });
  if (gates + placed > 0) known.push({ of: 'all-gates', id: '' });
  const completion = {
    checks: checksOf('completion.check', raw.completion.checks, known),
    approvers: raw.completion.approvers,
  };
  const levels = SIZES.flatMap((size) => {
    const given = raw.levels[size];
    return given === undefined ? [] : [levelOf(size, given)];
  });
  const { actor, onFailure, constrained, continuous, authority } = raw;
  return { actor, onFailure, prerequisites, constrained, phases, continuous, completion, levels, authority };
}

function stepOf(
  id: string,
  raw: Sketch['phases'][number]['steps'][number],
  known: readonly Fact[],
): StepCase {
  const { responsible, alerts, soaks, broken, tries } = raw;
  const commands = raw.acts.filter(({ kind }) => kind === 'command');
  // What an item has fields for: commands, and one line that undoes them.
  const uses = raw.uses && commands.length > 0;
  const [validating, byHand] = uses ? [false, false] : [raw.validating, raw.byHand];
  const acts = actsOf(`${id}.do`, uses ? commands : raw.acts);
  const undo: Undo = uses ? undoOfItem(id, raw.undo) : undoOf(id, raw.undo);
  const manual: readonly Act[] = byHand
    ? actsOf(`${id}.hand`, [{ kind: 'manual', trouble: null, raises: 0 }])
    : [];
  return withoutRaces(
    {
      ...{ id, validating, responsible, undo, alerts, soaks, uses, broken, tries },
      // The metric is lowered among the preconditions, which are evaluated side by side.
      preconditions: checksOf(`${id}.pre`, raw.preconditions, known).filter(({ how }) => how !== 'metric'),
      acts: [...acts, ...manual],
      checks: checksOf(`${id}.check`, raw.checks, known),
    },
    raw.raises,
  );
}

type RawUndo = Sketch['phases'][number]['steps'][number]['undo'];

function undoOf(id: string, raw: RawUndo): Undo {
  if (typeof raw === 'string') return raw;
  return { acts: actsOf(`${id}.undo`, raw.acts), checks: checksOf(`${id}.undo`, raw.checks, []) };
}

function undoOfItem(id: string, raw: RawUndo): Undo {
  if (typeof raw === 'string') return raw;
  const acts = raw.acts.filter(({ kind }) => kind === 'command').slice(0, 1);
  return acts.length === 0 ? 'none' : { acts: actsOf(`${id}.undo`, acts), checks: [] };
}

/**
 * An alert stops a step whenever the next sample is taken. So that this instant makes no difference, only the last action
 * of a step raises the metric, and nothing but a soak, or what a person confirms after it, comes behind.
 */
function withoutRaces(step: StepCase, raises: number): StepCase {
  const last = step.acts.at(-1);
  if (raises === 0 || last === undefined || last.kind !== 'command') return step;
  return {
    ...step,
    acts: [...step.acts.slice(0, -1), { ...last, trouble: null, raises }],
    checks: step.checks.filter(({ how }) => how === 'person'),
  };
}

function levelOf(level: Level, raw: NonNullable<Sketch['levels'][Level]>): LevelCase {
  // A level's script has a day: a command that hangs in it is not for a test.
  const acts = actsOf(`${level}.level`, raw.acts).map((act) =>
    act.trouble?.how === 'hangs' ? { ...act, trouble: null } : act,
  );
  return {
    ...{ level, acts, maker: raw.maker, manual: raw.manual },
    approval: raw.approval && raw.maker !== null,
    checks: checksOf(`${level}.after`, raw.checks, []),
    triggers: checksOf(`${level}.trigger`, raw.triggers, []),
  };
}

function actsOf(prefix: string, raw: readonly Raw<Act>[]): readonly Act[] {
  return raw.map((act, index) => ({
    ...act,
    trouble: act.kind === 'manual' ? null : act.trouble,
    name: `${prefix}${index}`,
  }));
}

function checksOf(prefix: string, raw: readonly RawCheck[], known: readonly Fact[]): readonly Check[] {
  return raw.map((check, index): Check => {
    if (check.how === 'metric') return check;
    const name = `${prefix}${index}`;
    if (check.how !== 'state') return { ...check, name };
    const fact = known[check.pick % Math.max(1, known.length)];
    return fact === undefined ? { how: 'person', name } : { how: 'state', fact };
  });
}
