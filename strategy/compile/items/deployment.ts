/**
 * A deployment step: its artifacts in order. Each is deployed by the command that the bindings name for its service, checked, and
 * then given traffic in stages, with checks and a watched time after each. The undo takes the traffic back first, then the instances.
 */
import type { ServiceBinding } from '../../bindings-document.js';
import { list, nonBlank, numbered } from '../../document.js';
import type { DeploymentStep } from '../../document-changes.js';
import { isMachineProbe } from '../../kinds/probes/index.js';
import type { Action, ObserveAction, Procedure, Requirement } from '../../plan.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import { requirementOf } from '../requirement.js';
import { checkNoReferences } from '../secrets.js';
import { sentencesAt } from '../work.js';
import type { Item } from './find.js';
import { askItem, compileItem, type Using } from './item.js';
import { compileRoute, type Route } from './route.js';
import { rolloutOf, type Stage } from './stages.js';

type DeploymentItem = Item & { readonly fields: DeploymentStep };

/** One artifact: what puts it there, and what takes it away again. */
interface Deployed {
  readonly actions: readonly Action[];
  readonly undo: readonly Action[];
}

export function compileDeployment(c: Compilation, item: DeploymentItem, using: Using): Procedure {
  const parts = inOrder(item.fields).map((artifact) => ({
    artifact,
    service: c.bindings.services.get(serviceOf(artifact)),
  }));
  if (parts.every(({ service }) => service === undefined)) return askItem(c, item, using);
  const routed = parts.some(
    ({ artifact, service }) =>
      service !== undefined && c.bindings.traffic.has(routeNameOf(serviceOf(artifact), service)),
  );
  const { stages, byHand } = rolloutOf(c, item, using, routed);
  const validation = validationOf(c, item, using);
  const deployed = parts.map(({ artifact, service }, index): Deployed => {
    const place = below(item.pointer, 'artifacts_to_deploy', artifact);
    if (service === undefined) return deployByHand(c, artifact, place, using);
    // What the item itself asks for is about all of its artifacts.
    const shared = index === parts.length - 1 ? validation.machine : [];
    return deploy(c, { artifact, service, stages, shared, place }, using);
  });
  const before = preparations(c, item, using);
  const datasets = item.fields.validation?.test_dataset_ids;
  const procedure = compileItem(
    c,
    {
      work: {},
      actions: [...before, ...deployed.flatMap(({ actions }) => actions), ...manual(byHand)],
      checks: { datasets: sentencesAt(datasets, below(item.pointer, 'validation', 'test_dataset_ids')) },
      undo: { allowed: null, work: {}, test: null },
    },
    using,
  );
  const back = [
    ...manual(byHand.map((text) => `Take back: ${text}`)),
    ...deployed.toReversed().flatMap(({ undo }) => undo),
    ...(before.length === 0 ? [] : manual([`Undo the settings of ${item.id}`])),
  ];
  return {
    ...procedure,
    checks: [...validation.all, ...procedure.checks],
    undo: { kind: 'actions', actions: back, checks: [] },
  };
}

/** `deployment_order` first, then what it does not name. */
function inOrder({ artifacts_to_deploy, deployment_order }: DeploymentStep): readonly string[] {
  const texts = [...numbered(deployment_order), ...numbered(artifacts_to_deploy)].map(({ text }) => text);
  const seen = new Set<string>();
  return texts.filter((text) => {
    const service = serviceOf(text);
    const known = seen.has(service);
    seen.add(service);
    return !known;
  });
}

/** "registry/cart-service:2.0.0", "cart-service@sha256:..." and "cart-service v2.0.0" are of the service "cart-service". */
function serviceOf(artifact: string): string {
  const name = artifact
    .trim()
    .replace(/(?:@|\s+v?\d).*$/, '')
    .replace(/:[^/]*$/, '');
  return name.slice(name.lastIndexOf('/') + 1);
}

interface Deploying {
  readonly artifact: string;
  readonly service: ServiceBinding;
  readonly stages: readonly Stage[];
  readonly shared: readonly Requirement[];
  readonly place: string;
}

function deploy(c: Compilation, deploying: Deploying, using: Using): Deployed {
  const { artifact, service, stages, shared, place } = deploying;
  const name = serviceOf(artifact);
  c.bindings.used.add(`services/${name}`);
  c.cover(place, artifact, 'automated', `deployed by the command of the service ${name}`);
  for (const command of [service.deploy, service.remove]) {
    const finding = command == null ? null : checkNoReferences(command);
    if (finding !== null) c.report(place, finding);
  }
  const requirements = [...healthOf(c, service, place, using), ...shared];
  const route = routeOf(c, name, service, place);
  const remove = nonBlank(service.remove);
  const actions: Action[] = [{ kind: 'command', text: service.deploy }];
  if (requirements.length > 0) actions.push(check(`${name} after its deployment`, requirements));
  if (route !== null) actions.push(...stages.flatMap((stage) => stageActions(route, stage, requirements)));
  const restore: readonly Action[] =
    route === null || stages.length === 0
      ? []
      : [{ kind: 'traffic', route: route.name, source: route.source, change: { do: 'restore' } }];
  const removal: Action =
    remove === null
      ? { kind: 'manual', items: [`Remove the new version of ${name}`] }
      : { kind: 'command', text: remove };
  return { actions, undo: [...restore, removal] };
}

function stageActions(
  route: Route,
  { percent, soakMs }: Stage,
  requirements: readonly Requirement[],
): readonly Action[] {
  return [
    { kind: 'traffic', route: route.name, source: route.source, change: { do: 'shift', percent } },
    {
      kind: 'observe',
      what: `${route.name} at ${percent}%`,
      requirements,
      afterwards: route.afterwards(percent),
      conditions: route.conditions,
      soakMs,
    },
  ];
}

function check(what: string, requirements: readonly Requirement[]): ObserveAction {
  return { kind: 'observe', what, requirements, afterwards: [], conditions: [], soakMs: 0 };
}

/** The route that the service names, else the one of its own name. */
function routeNameOf(name: string, service: ServiceBinding): string {
  return nonBlank(service.traffic) ?? name;
}

/** Null for a service without a route. */
function routeOf(c: Compilation, name: string, service: ServiceBinding, pointer: string): Route | null {
  const route = routeNameOf(name, service);
  const binding = c.bindings.traffic.get(route);
  if (binding !== undefined) return compileRoute(c, route, binding, pointer);
  if (route !== name) {
    c.report(pointer, {
      code: 'unknown-route',
      message: `the service "${name}" has the route "${route}", which is not bound`,
      advice: `Bind "${route}" under "traffic".`,
    });
  }
  return null;
}

/** What the bindings ask of a service. What no machine can say belongs into the strategy, where people are asked. */
function healthOf(
  c: Compilation,
  service: ServiceBinding,
  pointer: string,
  using: Using,
): readonly Requirement[] {
  return (['health', 'smoke'] as const).flatMap((key) => {
    const text = nonBlank(service[key]);
    if (text === null) return [];
    const requirement = requirementAt(c, text, below(pointer, key), using);
    if (isMachineProbe(requirement.probe)) return [requirement];
    c.report(pointer, {
      code: 'not-executable',
      message: `no machine evaluates the ${key} of a service: "${text}"`,
      advice: 'Give it a prefix such as "$ " or "http: ", or bind the sentence under "checks".',
    });
    return [];
  });
}

function validationOf(
  c: Compilation,
  { fields, pointer }: DeploymentItem,
  using: Using,
): { readonly all: readonly Requirement[]; readonly machine: readonly Requirement[] } {
  const at = (key: string): string => below(pointer, 'validation', key);
  const { health_checks, smoke_tests } = fields.validation ?? {};
  const sentences = [
    ...sentencesAt(health_checks, at('health_checks')),
    ...sentencesAt(smoke_tests, at('smoke_tests')),
  ];
  const all = sentences.map(({ text, pointer: place }) => requirementAt(c, text, place, using));
  return { all, machine: all.filter(({ probe }) => isMachineProbe(probe)) };
}

function requirementAt(c: Compilation, text: string, pointer: string, using: Using): Requirement {
  const { moment, workContext, person } = using;
  return requirementOf(c, text, { pointer, at: moment, connection: workContext.connection, person });
}

function deployByHand(c: Compilation, artifact: string, pointer: string, using: Using): Deployed {
  c.coverByPerson(pointer, artifact, `by hand: ${using.workContext.byHand}`);
  const name = serviceOf(artifact);
  return {
    actions: [{ kind: 'manual', items: [`Deploy ${artifact}`] }],
    undo: [{ kind: 'manual', items: [`Remove the new version of ${name}`] }],
  };
}

/** Files and flags that the deployment step itself names: an item of `configuration_migration` is needed to automate them. */
function preparations(c: Compilation, { fields, pointer }: DeploymentItem, using: Using): readonly Action[] {
  const files = list(fields.configuration_changes).flatMap(({ config_file, changes }) =>
    numbered(changes).map(({ text }) => `${nonBlank(config_file) ?? 'Configuration'}: ${text}`),
  );
  const flags = list(fields.feature_flags).flatMap(({ flag_id, initial_state }) =>
    initial_state == null ? [] : [`Set the flag ${nonBlank(flag_id) ?? ''} ${initial_state ? 'on' : 'off'}`],
  );
  const items = [...files, ...flags];
  for (const text of items) c.coverByPerson(pointer, text, `by hand: ${using.workContext.byHand}`);
  return manual(items);
}

function manual(items: readonly string[]): readonly Action[] {
  return items.length === 0 ? [] : [{ kind: 'manual', items }];
}
