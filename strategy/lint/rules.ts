/** The seven points that every strategy must have, each as one rule. */
import { findGates } from '../compile/gate-places.js';
import {
  inOrder,
  list,
  nonBlank,
  type numbered,
  type Phase,
  type RollbackLevel,
  type Step,
  type StrategyDocument,
  sentences,
} from '../document.js';
import { usesOf } from '../uses.js';

export interface Finding {
  readonly rule: RuleName;
  /** JSON pointer to what lacks something. */
  readonly pointer: string;
  readonly message: string;
  readonly advice: string;
}

export type RuleName = (typeof RULE_NAMES)[number];

/** Stable: strategies silence rules by these names. */
export const RULE_NAMES = [
  'missing-gate',
  'missing-rollback',
  'missing-dataset',
  'missing-monitoring',
  'missing-mitigation',
  'missing-communication',
  'missing-success-criteria',
] as const;

export function isRuleName(name: string): name is RuleName {
  return RULE_NAMES.some((known) => known === name);
}

/** A gate of `validation_strategy` behind the last step of the phase. */
function hasPlacedGate(document: StrategyDocument, { phase_id, steps }: Phase): boolean {
  const last = inOrder(list(steps)).at(-1)?.step_id ?? null;
  return findGates(document).some(({ place }) => place?.phase === phase_id && place.after === last);
}

type Rule = (document: StrategyDocument) => readonly Omit<Finding, 'rule'>[];

/** What each rule finds, in the order of the file. */
export const RULES: Readonly<Record<RuleName, Rule>> = {
  'missing-gate': (document) =>
    phases(document)
      .filter(({ phase }) => !phase.validation_gate && !hasPlacedGate(document, phase))
      .map(({ phase, pointer }) => ({
        pointer,
        message: `the phase "${phase.phase_id}" has no validation gate`,
        advice: 'Add a validation_gate that says what must hold before the next phase, and who approves it.',
      })),

  'missing-rollback': (document) => {
    if (list(document.rollback_strategy?.rollback_levels).some(coversPhases)) return [];
    return phases(document)
      .filter(({ phase }) => list(phase.steps).some(changesSomething) && !hasWayBack(phase))
      .map(({ phase, pointer }) => ({
        pointer,
        message: `nothing undoes the phase "${phase.phase_id}": none of its steps has a rollback procedure or uses an item, and no rollback level covers it`,
        advice: 'Add a rollback_procedure to its steps, or a phase or full level to rollback_strategy.',
      }));
  },

  'missing-dataset': (document) => [
    ...phases(document).flatMap(({ phase, pointer }) => [
      ...list(phase.steps).flatMap((step, index) => {
        const { validation } = step;
        if (!validation || !checksSomething(validation) || has(validation.test_dataset_ids)) return [];
        return [withoutDataset(`${pointer}/steps/${index}/validation`, `the step "${step.step_id}"`)];
      }),
      ...(phase.validation_gate &&
      has(phase.validation_gate.criteria) &&
      !has(phase.validation_gate.test_dataset_ids)
        ? [withoutDataset(`${pointer}/validation_gate`, `the gate "${phase.validation_gate.gate_id}"`)]
        : []),
    ]),
  ],

  'missing-monitoring': (document) => {
    const metrics = list(document.monitoring_and_observability?.migration_monitoring);
    const alerts = metrics.some(
      ({ alert_threshold, critical_threshold }) =>
        nonBlank(alert_threshold) !== null || nonBlank(critical_threshold) !== null,
    );
    if (alerts) return [];
    return [
      {
        pointer: metrics.length === 0 ? '' : '/monitoring_and_observability/migration_monitoring',
        message:
          metrics.length === 0
            ? 'the strategy monitors no metrics'
            : 'no monitored metric has an alert threshold or a critical threshold',
        advice:
          'Add metrics with thresholds to monitoring_and_observability.migration_monitoring, so that a bad change is noticed.',
      },
    ];
  },

  'missing-mitigation': (document) => {
    const risks = list(document.risk_mitigation?.migration_risks);
    if (risks.length === 0) {
      const advice = 'List the risks in risk_mitigation.migration_risks, each with its mitigation.';
      return [{ pointer: '', message: 'the strategy names no risks', advice }];
    }
    return risks.flatMap((risk, index) => {
      const { preventive_measures, response_procedure } = risk.mitigation ?? {};
      if (has(preventive_measures) || nonBlank(response_procedure) !== null) return [];
      return [
        {
          pointer: `/risk_mitigation/migration_risks/${index}`,
          message: `the risk "${nonBlank(risk.risk_id) ?? index + 1}" has no mitigation`,
          advice: 'Add mitigation.preventive_measures or mitigation.response_procedure.',
        },
      ];
    });
  },

  'missing-communication': (document) => {
    const { stakeholder_communication, incident_communication } = document.communication_plan ?? {};
    const notifies = list(stakeholder_communication).some((group) => list(group.notifications).length > 0);
    if (notifies || has(incident_communication?.notification_channels)) return [];
    return [
      {
        pointer: document.communication_plan ? '/communication_plan' : '',
        message: 'the strategy names nobody to notify',
        advice: 'Add notifications to communication_plan.stakeholder_communication.',
      },
    ];
  },

  'missing-success-criteria': (document) => {
    const { technical_success, business_success, migration_complete_definition } =
      document.success_criteria ?? {};
    const measured = [...list(technical_success), ...list(business_success)];
    if (measured.length > 0 || has(migration_complete_definition?.criteria)) return [];
    return [
      {
        pointer: document.success_criteria ? '/success_criteria' : '',
        message: 'the strategy does not say what success is',
        advice:
          'Add criteria to success_criteria.technical_success or success_criteria.migration_complete_definition.',
      },
    ];
  },
};

function phases(document: StrategyDocument): readonly { readonly phase: Phase; readonly pointer: string }[] {
  return document.migration_phases.map((phase, index) => ({ phase, pointer: `/migration_phases/${index}` }));
}

function coversPhases({ level, rollback_procedure: procedure }: RollbackLevel): boolean {
  return level !== 'step' && (has(procedure?.steps) || nonBlank(procedure?.automation_script) !== null);
}

function hasWayBack(phase: Phase): boolean {
  return list(phase.steps).some(
    (step) =>
      has(step.rollback_procedure?.rollback_steps) ||
      nonBlank(step.rollback_procedure?.rollback_script) !== null ||
      // An item knows its way back.
      usesOf(step, '').length > 0,
  );
}

function changesSomething({ type }: Step): boolean {
  return type !== 'validation';
}

function checksSomething(validation: NonNullable<Step['validation']>): boolean {
  const { validation_checks, success_criteria, validation_script } = validation;
  return has(validation_checks) || has(success_criteria) || nonBlank(validation_script) !== null;
}

function withoutDataset(pointer: string, what: string): Omit<Finding, 'rule'> {
  return {
    pointer,
    message: `the validation of ${what} has no test dataset`,
    advice:
      'Name a dataset under test_dataset_ids: a program that proves the result, in code that is reviewed.',
  };
}

function has(texts: Parameters<typeof numbered>[0]): boolean {
  return sentences(texts).length > 0;
}
