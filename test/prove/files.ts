/** Writes a case down as what a user would write: a strategy, its bindings, its scripts. */
import {
  type Act,
  BOUND,
  type Case,
  type Check,
  type Continuous,
  everyAct,
  type LevelCase,
  type PhaseCase,
  type PlacedGateCase,
  raises,
  type StepCase,
} from './case.js';

export interface Written {
  readonly strategy: object;
  readonly bindings: object;
  /** By path relative to the workspace. */
  readonly files: Readonly<Record<string, string>>;
}

/** What soaks, delays and intervals are divided by. */
export const COMPRESS = 100;
/** Long enough for a loaded machine to start a command, short enough to wait for. */
const TIMEOUT = '6s';

/** Commands of a case: an effect with its time in the ledger, the trouble it makes, and a check that counts its calls. */
const LIBRARY = `
act() { # NAME TROUBLE TIMES RAISES
  echo x >> "tries.$1"
  n=$(wc -l < "tries.$1")
  if [ "$2" = early ] && [ "$n" -le "$3" ]; then exit 1; fi
  echo "$(date +%s%N) $1" >> ledger
  if [ "$n" -le "$3" ]; then
    if [ "$2" = late ]; then exit 1; fi
    if [ "$2" = hangs ]; then sleep 600; fi
  fi
  if [ "$n" -le "$4" ]; then echo 10 > trouble; fi
}
check() { # NAME BAD TIMES
  echo x >> "asked.$1"
  [ "$(wc -l < "asked.$1")" -gt "$3" ] && exit 0
  [ "$2" = fail ] && exit 1
  exit 127
}
`;

/** The connection is found in the worker's environment, since bindings hold no password. */
export const DATABASE = 'PROVE_DATABASE';

export function write(given: Case, run: string): Written {
  const scripts = everyAct(given).filter(({ kind }) => kind === 'script' || kind === 'sql-script');
  const datasets = checksOf(given).filter((check) => check.how === 'machine' && check.via === 'dataset');
  return {
    strategy: {
      metadata: { version: '1.0.0', migration_name: 'Proof' },
      migration_overview: {
        name: 'Proof',
        ...(given.constrained ? { constraints: { business_constraints: ['Not on a holiday'] } } : {}),
      },
      prerequisites: given.prerequisites.map(({ id, owner, status, check }) => ({
        prerequisite_id: id,
        name: `Prerequisite ${id}`,
        ...(owner === null ? {} : { owner }),
        validation: { verification_method: sentence(check), status },
      })),
      validation_strategy: {
        validation_gates: given.phases.flatMap((phase) =>
          phase.gates.map((gate) => placedGateOf(phase, gate)),
        ),
        continuous_validation: given.continuous.map((how, index) => ({
          validation_id: `CV-${index + 1}`,
          frequency: 'continuously',
          ...CONTINUOUS[how],
        })),
      },
      infrastructure_migration: {
        infrastructure_changes: given.phases.flatMap(({ steps }) =>
          steps.filter(({ uses }) => uses).map((step) => itemOf(step, run)),
        ),
      },
      migration_phases: given.phases.map((phase, index) => phaseOf(given, phase, index, run)),
      rollback_strategy: { rollback_levels: given.levels.map((level) => levelOf(level, run)) },
      success_criteria: {
        migration_complete_definition: {
          criteria: given.completion.checks.map(sentence),
          ...approval(given.completion.approvers),
        },
      },
    },
    bindings: {
      connections: { target: { postgres: `\${env:${DATABASE}}` } },
      checks: { '{word} holds but for {int} that {word}': { command: '. ./act.sh; check "$1" "$3" "$2"' } },
      metrics: {
        trouble: { command: 'cat trouble' },
        nodata: { command: 'exit 1' },
        calm: { command: 'echo 0' },
      },
      datasets: Object.fromEntries(
        datasets.map((check) => ['name' in check ? check.name : '', { command: command(check) }]),
      ),
      roles: BOUND,
      authority: { rollback: given.authority, abort: given.authority, pause: ['Ops'] },
      forbidSelfApproval: true,
      watch: { interval: '10s', failureLimit: 1 },
    },
    files: {
      'act.sh': LIBRARY,
      trouble: '0\n',
      ledger: '',
      ...Object.fromEntries(scripts.map((act) => [scriptOf(act), script(act, run)])),
    },
  };
}

function phaseOf(given: Case, phase: PhaseCase, index: number, run: string): object {
  const { gate } = phase;
  return {
    phase_id: phase.id,
    name: `Phase ${phase.id}`,
    order: index + 1,
    start_condition: phase.start.map(sentence),
    ...(phase.pointOfNoReturn ? { rollback_point: { can_rollback_from_here: false } } : {}),
    steps: phase.steps.map((step, place) => stepOf(given, step, place, run)),
    ...(gate === null
      ? {}
      : {
          validation_gate: {
            gate_id: gate.id,
            name: `Gate ${gate.id}`,
            criteria: gate.checks.map(sentence),
            failure_response: gate.response,
            ...approval(gate.approvers),
          },
        }),
  };
}

const CONTINUOUS: Readonly<Record<Continuous, object>> = {
  metric: { checks: ['trouble < 4'] },
  command: { checks: ['$ test "$(cat trouble)" -lt 4'] },
  alert: { alert_conditions: ['trouble > 6'] },
  calm: { checks: ['calm < 5'], alert_conditions: ['calm > 5'] },
  person: { checks: ['Nobody is cross'] },
};

function placedGateOf(phase: PhaseCase, gate: PlacedGateCase): object {
  const { id, after, type, checks, response, escalation } = gate;
  const [first] = phase.steps;
  const atEnd = after === phase.steps.at(-1)?.id && phase.steps.length > 1;
  const behind = atEnd ? `At the end of ${phase.id}` : `After ${after}`;
  return {
    gate_id: id,
    location: after === null ? `before ${first?.id}` : behind,
    type,
    criteria: checks.map((check) => ({ criterion: sentence(check) })),
    failure_handling: {
      response,
      ...(escalation === null ? {} : { escalation: `Escalate to ${escalation}` }),
    },
  };
}

function approval(approvers: readonly string[]): object {
  return approvers.length === 0 ? { approval_required: false } : { approval_required: true, approvers };
}

function stepOf(given: Case, step: StepCase, index: number, run: string): object {
  const { undo, responsible } = step;
  const clears = raises(given) ? ['$ echo 0 > trouble'] : [];
  const hangs = [...step.acts, ...(typeof undo === 'string' ? [] : undo.acts)].some(
    ({ trouble }) => trouble?.how === 'hangs',
  );
  return {
    step_id: step.id,
    name: `Step ${step.id}`,
    order: index + 1,
    type: step.validating ? 'validation' : 'configuration',
    ...(responsible === null ? {} : { responsible_party: responsible }),
    preconditions: [...clears, ...step.preconditions.map(sentence)],
    ...(step.uses ? { 'x-uses': itemId(step) } : { execution_details: execution(step.acts, run) }),
    validation: { validation_checks: step.checks.map(sentence) },
    monitoring: { alert_conditions: step.alerts.map((metric) => `${metric} > 5`) },
    ...(undo === 'none' || step.uses ? {} : { rollback_procedure: undoing(undo, run) }),
    ...(step.soaks ? { 'x-soak': '20s' } : {}),
    ...(hangs ? { 'x-timeout': TIMEOUT } : {}),
    ...(step.tries > 1 ? { 'x-retry': { attempts: step.tries, delay: '2s' } } : {}),
  };
}

function itemId({ id }: StepCase): string {
  return `ITEM-${id}`;
}

/** The item that does the work of a step. */
function itemOf(step: StepCase, run: string): object {
  const { acts, undo } = step;
  const [back] = typeof undo === 'string' ? [] : undo.acts;
  return {
    change_id: itemId(step),
    migration_steps: acts.map((act) => ({ step: act.name, command: line(act, run) })),
    ...(undo === 'impossible' ? { rollback: { can_rollback: false } } : {}),
    ...(back === undefined ? {} : { rollback: { can_rollback: true, rollback_procedure: line(back, run) } }),
  };
}

function execution(acts: readonly Act[], run: string): object {
  const script = acts.find(({ kind }) => kind === 'script' || kind === 'sql-script');
  const lines = acts.filter(({ kind }) => kind === 'command' || kind === 'sql');
  const manual = acts.filter(({ kind }) => kind === 'manual').map(sentenceOfHand);
  return {
    ...(script === undefined ? {} : { automation_script: scriptOf(script) }),
    ...(lines.length === 0 ? {} : { commands: lines.map((act) => line(act, run)) }),
    ...(manual.length === 0 ? {} : { manual_steps: manual }),
  };
}

function undoing(undo: Exclude<StepCase['undo'], 'none'>, run: string): object {
  if (undo === 'impossible') return { can_rollback: false };
  const script = undo.acts.find(({ kind }) => kind === 'script' || kind === 'sql-script');
  const [test] = undo.checks;
  return {
    can_rollback: true,
    ...(script === undefined
      ? { rollback_steps: undo.acts.map((act) => lineOrSentence(act, run)) }
      : { rollback_script: scriptOf(script) }),
    ...(test === undefined || !('name' in test) ? {} : { rollback_test_id: test.name }),
  };
}

function levelOf(level: LevelCase, run: string): object {
  const script = level.acts.find(({ kind }) => kind === 'script' || kind === 'sql-script');
  return {
    level: level.level,
    ...(level.maker === null ? {} : { decision_maker: level.maker }),
    approval_required: level.approval,
    trigger_conditions: level.triggers.map((check) => {
      if (check.how !== 'metric') return sentence(check);
      return check.via === 'command' ? '$ test "$(cat trouble)" -gt 5' : 'trouble > 5';
    }),
    rollback_procedure: {
      ...(script === undefined
        ? { steps: level.acts.map((act) => lineOrSentence(act, run)) }
        : { automation_script: scriptOf(script) }),
      ...(level.manual ? { manual_steps: [`Tell the others of the ${level.level} rollback`] } : {}),
    },
    validation: { post_rollback_checks: level.checks.map(sentence) },
  };
}

function lineOrSentence(act: Act, run: string): string {
  return act.kind === 'manual' ? sentenceOfHand(act) : line(act, run);
}

function sentenceOfHand({ name }: Act): string {
  return `Turn the handle ${name}`;
}

function line(act: Act, run: string): string {
  return act.kind === 'sql' ? `sql: ${statements(act, run)}` : `$ ${call(act)}`;
}

function call({ name, trouble, raises }: Act): string {
  return `. ./act.sh; act ${name} ${trouble?.how ?? 'none'} ${trouble?.times ?? 0} ${raises}`;
}

function statements({ name, trouble }: Act, run: string): string {
  const insert = `insert into effects (run, name) values ('${run}', '${name}')`;
  if (trouble === null) return insert;
  return `${insert}; select trouble('${sequenceOf(run, name)}', ${trouble.times}, '${trouble.how}')`;
}

/** Counts the tries of a statement: what a sequence gave out stays given when the transaction is rolled back. */
export function sequenceOf(run: string, act: string): string {
  return `tries_${run}_${act}`.replaceAll(/[^A-Za-z0-9]/g, '_').toLowerCase();
}

/** The tables and functions that the statements use. */
export const SCHEMA = `
  create table effects (run text, name text, at timestamptz not null default clock_timestamp());
  create function trouble(counter text, times int, how text) returns void language plpgsql as $$
  begin
    if nextval(counter::regclass) <= times then
      if how = 'hangs' then perform pg_sleep(600); end if;
      raise exception 'trouble';
    end if;
  end $$;`;

function scriptOf({ name, kind }: Act): string {
  return `scripts/${name}.${kind === 'sql-script' ? 'sql' : 'sh'}`;
}

function script(act: Act, run: string): string {
  return act.kind === 'sql-script' ? `${statements(act, run)};\n` : `#!/bin/sh\n${call(act)}\n`;
}

function command(check: Check): string {
  return check.how === 'machine' ? `. ./act.sh; check ${check.name} ${check.bad} ${check.times}` : 'true';
}

const ANSWERS = { pass: 'true', fail: 'false', inconclusive: 'null::boolean' } as const;
const FACTS = {
  step: 'completed',
  phase: 'completed',
  gate: 'passed',
  prerequisite: 'verified',
  'all-gates': 'All gates passed',
} as const;

function sentence(check: Check): string {
  switch (check.how) {
    case 'machine':
      if (check.via === 'dataset') return `dataset: ${check.name}`;
      return check.via === 'prefix'
        ? `$ ${command(check)}`
        : `${check.name} holds but for ${check.times} that ${check.bad}`;
    case 'sql':
      return `sql: select ${ANSWERS[check.verdict]} as "${check.name}"`;
    case 'state':
      return `${check.fact.id} ${FACTS[check.fact.of]}`.trim();
    case 'metric':
      return 'trouble < 5';
    case 'person':
      return `Somebody likes ${check.name}`;
    default:
      return check satisfies never;
  }
}

function checksOf(given: Case): readonly Check[] {
  const steps = given.phases.flatMap((phase) => phase.steps);
  return [
    ...given.prerequisites.map(({ check }) => check),
    ...given.phases.flatMap(({ start, gate, gates }) => [
      ...start,
      ...(gate?.checks ?? []),
      ...gates.flatMap(({ checks }) => checks),
    ]),
    ...steps.flatMap(({ preconditions, checks, undo }) => [
      ...preconditions,
      ...checks,
      ...(typeof undo === 'string' ? [] : undo.checks),
    ]),
    ...given.completion.checks,
    ...given.levels.flatMap(({ checks, triggers }) => [...checks, ...triggers]),
  ];
}
