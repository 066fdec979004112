/**
 * Whether a trial can touch anything but its copy. A connection or address is safe only when it refers to a variable
 * that `setup` replaces: what is written out, or comes from a file, leads to the same place in every trial.
 */
import type { Action, MachineProbe, Plan, Requirement } from '../plan.js';
import { gatesOf } from '../run/gates.js';
import type { RehearsalSettings } from './settings.js';

/** A place outside of the workspace that the strategy reaches. */
export interface Target {
  /** For people, such as `the connection "shop"`. */
  readonly what: string;
  readonly address: string;
}

/** Every connection and address of the plan and of the fingerprint, each once. */
export function targetsOf(plan: Plan, { fingerprint }: RehearsalSettings): readonly Target[] {
  const { connections, metrics } = plan.bindings;
  const targets: Target[] = Object.entries(connections).map(([name, { postgres }]) => ({
    what: `the connection "${name}"`,
    address: postgres,
  }));
  for (const [name, source] of Object.entries(metrics)) {
    if ('url' in source) targets.push({ what: `the metric "${name}"`, address: source.url });
  }
  for (const { text, probe } of requirementsOf(plan)) {
    if (probe.how === 'http') targets.push({ what: `"${text}"`, address: probe.url });
  }
  for (const action of actionsOf(plan)) {
    if (action.kind === 'setting' && action.target.store === 'http') {
      targets.push({ what: `the flag "${action.target.flag}"`, address: action.target.url });
    }
    // A trial has a copy of the workspace, and of nothing else.
    if (action.kind === 'config-file' && action.file.startsWith('/')) {
      targets.push({ what: `the file ${action.file}`, address: action.file });
    }
  }
  for (const part of fingerprint) {
    if (part.kind === 'http') targets.push({ what: 'the fingerprint', address: part.url });
  }
  return [...new Map(targets.map((target) => [target.address, target])).values()];
}

/** Why a rehearsal may not begin, because it would reach the real thing; null when it may. */
export function refusalWithoutSetup(targets: readonly Target[], settings: RehearsalSettings): string | null {
  const [first] = targets;
  if (first === undefined) return null;
  if (settings.setup === null) {
    return `This strategy reaches ${first.what}, and the bindings have no rehearsal.setup, so every trial would change the real thing. Add a setup command that makes a copy and prints NAME=VALUE for each address.`;
  }
  const fixed = targets.find(({ address }) => variablesIn(address).length === 0);
  return fixed === undefined
    ? null
    : `The address of ${fixed.what} refers to no \${env:NAME}, so a setup cannot replace it and every trial would reach the real thing. Put the address into a variable, or the file into the workspace.`;
}

/** Why a trial may not begin after its setup; null when every address leads to the copy. */
export function refusalAfterSetup(targets: readonly Target[], printed: ReadonlySet<string>): string | null {
  const missed = targets.find(({ address }) => !variablesIn(address).some((name) => printed.has(name)));
  if (missed === undefined) return null;
  const names = variablesIn(missed.address).join(' or ');
  return `The setup printed no value for ${names}, so ${missed.what} would still reach the real thing. Print ${names}=VALUE from the setup.`;
}

/** The `NAME=VALUE` lines of what a setup printed; other lines are its log. */
export function variablesPrinted(output: string): Readonly<Record<string, string>> {
  const found = [...output.matchAll(/^(?:export )?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/gm)];
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value.replace(/\r$/, '')]));
}

function variablesIn(address: string): readonly string[] {
  return [...address.matchAll(/\$\{env:([^}]*)\}/g)].map(([, name = '']) => name);
}

/** The undo of a setting leads where its change led. */
function actionsOf(plan: Plan): readonly Action[] {
  return plan.phases.flatMap(({ steps }) => steps.flatMap(({ actions }) => actions));
}

type AnyRequirement = Pick<Requirement, 'text'> & { readonly probe: Requirement['probe'] | MachineProbe };

function requirementsOf(plan: Plan): readonly AnyRequirement[] {
  const steps = plan.phases.flatMap(({ steps }) => steps);
  return [
    ...plan.prerequisites.flatMap(({ requirements }) => requirements),
    ...plan.phases.flatMap((phase) => [
      ...phase.startConditions,
      ...gatesOf(phase).flatMap((gate) => gate.requirements),
    ]),
    ...[...steps, ...plan.levels].flatMap(({ conditions, checks, undo }) => [
      ...conditions,
      ...checks,
      ...(undo.kind === 'actions' ? undo.checks : []),
    ]),
    ...steps.flatMap(({ watch }) => watch?.conditions ?? []),
    ...plan.levels.flatMap(({ triggers }) => triggers),
    ...plan.completion.requirements,
  ];
}
