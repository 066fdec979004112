/**
 * A deployment step: its artifacts in order. Each is deployed by the command that the bindings name for its service, checked, and
 * then given traffic in stages, with checks and a watched time after each. The undo takes the traffic back first, then the instances.
 */
import type { ServiceBinding } from '../../bindings-document.js';
import { list, nonBlank, numbered } from '../../document.js';
import type { DeploymentStep } from '../../document-changes.js';
import type { Action, Procedure, Requirement } from '../../plan.js';
import { below } from '../../pointer.js';
import { serviceKey, serviceOf } from '../artifact.js';
import type { Compilation } from '../compilation.js';
import { sentencesAt } from '../work.js';
import {
  agreements,
  deploymentsOf,
  deploymentWindows,
  inSequence,
  keepApart,
  keepSequence,
} from './coordination.js';
import { type Deployed, deployService } from './deploy-service.js';
import { healthOf, validationOf } from './deployment-checks.js';
import { fileChanges, hasBoundChange } from './file-changes.js';
import type { Item } from './find.js';
import { checkTexts } from './instances.js';
import { askItem, compileItem, type Using } from './item.js';
import { type Rollout, rolloutOf } from './rollout.js';
import { compileRoute, type Route } from './route.js';
import { restore, shift, stageActions } from './stages.js';

type DeploymentItem = Item & { readonly fields: DeploymentStep };

/** One service, and the artifacts of it that the item names. */
interface Part {
  readonly name: string;
  readonly artifacts: readonly string[];
  readonly service: ServiceBinding | undefined;
}

export function compileDeployment(c: Compilation, item: DeploymentItem, using: Using): Procedure {
  const parts = partsOf(c, item.fields);
  const flagged = list(item.fields.feature_flags).some(({ flag_id }) => c.bindings.flags.has(flag_id ?? ''));
  const bound = parts.some(({ service }) => service !== undefined);
  if (!bound && !flagged && !hasBoundChange(c, item.fields)) return askItem(c, item, using);
  const routed = parts.some(
    ({ name, service }) => service !== undefined && c.bindings.traffic.has(routeNameOf(name, service)),
  );
  const rollout = rolloutOf(c, item, using, routed);
  const validation = validationOf(c, item, using);
  const planned = parts.map((part) => plan(c, part, item.pointer));
  const deployments = planned.flatMap((one) => one.deployments);
  const agreed = agreements(
    c,
    parts.map(({ name }) => name),
    deployments,
  );
  const open = deploymentWindows(c, deployments);
  const conditions = [...agreed, ...open.flatMap(({ sentences }) => sentences)];
  const windows = open.flatMap((each) => each.windows);
  const deployed = planned.map((part, index): Deployed => {
    const place = { pointer: part.pointer, using };
    if (part.service === undefined) return deployByHand(c, part, place);
    // What the item itself asks for is about all of its artifacts.
    const shared = index === planned.length - 1 ? validation.machine : [];
    const { service, route } = part;
    const batched = rollout.rolling && (service.instances?.length ?? 0) > 1;
    const staged = route !== null && rollout.stages.some(({ percent }) => percent < 100);
    keepApart(c, part.deployments, batched || staged);
    c.bindings.used.add(`services/${part.name}`);
    const how = `deployed by the command of the service ${part.name}`;
    for (const artifact of part.artifacts) c.cover(part.pointer, artifact, 'automated', how);
    return deployService(c, { ...part, service, rollout, shared }, place);
  });
  const settings = fileChanges(c, item, using.workContext.byHand);
  for (const text of rollout.byHandBefore)
    c.coverByPerson(item.pointer, text, `by hand: ${using.workContext.byHand}`);
  const before = manual([...settings.byHand, ...rollout.byHandBefore]);
  const flags = flagActions(c, planned, rollout, validation.machine, using);
  const datasets = item.fields.validation?.test_dataset_ids;
  const procedure = compileItem(
    c,
    {
      conditions,
      work: {},
      actions: [
        ...settings.actions,
        ...before,
        ...flags.before,
        ...deployed.flatMap(({ actions }) => actions),
        ...flags.after,
        ...manual(rollout.byHand),
      ],
      checks: {
        sentences: settings.checks,
        datasets: sentencesAt(datasets, below(item.pointer, 'validation', 'test_dataset_ids')),
      },
      undo: { allowed: null, work: {}, test: null },
    },
    using,
  );
  const back = [
    ...manual(rollout.byHand.map((text) => `Take back: ${text}`)),
    ...flags.undo,
    ...deployed.toReversed().flatMap(({ undo }) => undo),
    ...(before.length === 0 ? [] : manual([`Undo the settings of ${item.id}`])),
    ...settings.undo,
  ];
  return {
    ...procedure,
    ...(windows.length === 0 ? {} : { windows }),
    checks: [...validation.all, ...procedure.checks],
    undo: { kind: 'actions', actions: back, checks: [] },
  };
}

/** `deployment_order` first, then what it does not name, as the services are coordinated. */
function partsOf(c: Compilation, { artifacts_to_deploy, deployment_order }: DeploymentStep): readonly Part[] {
  const artifacts = numbered(artifacts_to_deploy).map(({ text }) => text);
  const ordered = numbered(deployment_order).map(({ text }) => text);
  const found = new Map<string, string[]>();
  // An artifact may say the version where the order names only the service.
  for (const text of [...ordered, ...artifacts]) {
    const key = serviceKey(serviceOf(text));
    const known = found.get(key);
    if (known === undefined) found.set(key, [text]);
    else if (!known.includes(text)) known.push(text);
  }
  const partOf = (texts: readonly string[]): Part => {
    const name = serviceOf(texts[0] ?? '');
    const full = texts.filter((text) => text !== name);
    return { name, artifacts: full.length === 0 ? texts : full, service: c.bindings.services.get(name) };
  };
  const parts = [...found.values()].map(partOf);
  const first = new Set(ordered.map((text) => serviceKey(serviceOf(text))));
  const isFirst = ({ name }: Part): boolean => first.has(serviceKey(name));
  return [
    ...parts.filter(isFirst),
    ...inSequence(
      c,
      parts.filter((part) => !isFirst(part)),
    ),
  ];
}

type Planned = Part &
  Pick<Parameters<typeof deployService>[1], 'deployments' | 'route'> & { readonly pointer: string };

/** Over which versions it goes, and which traffic is moved to it. */
function plan(c: Compilation, part: Part, item: string): Planned {
  const { name, artifacts, service } = part;
  const pointer = below(item, 'artifacts_to_deploy', artifacts[0] ?? name);
  keepSequence(c, name, pointer);
  const deployments = deploymentsOf(c, name, artifacts, pointer);
  const route = service === undefined ? null : routeOf(c, name, service, pointer);
  if (service !== undefined) checkTexts(c, name, service, deployments, pointer);
  return { ...part, deployments, route, pointer };
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

function deployByHand(
  c: Compilation,
  { name, artifacts }: Part,
  { pointer, using }: { readonly pointer: string; readonly using: Using },
): Deployed {
  for (const artifact of artifacts)
    c.coverByPerson(pointer, artifact, `by hand: ${using.workContext.byHand}`);
  return {
    actions: manual(artifacts.map((artifact) => `Deploy ${artifact}`)),
    undo: manual([`Remove the new version of ${name}`]),
  };
}

/** The flags that the item names, before the first artifact and after the last one. */
function flagActions(
  c: Compilation,
  parts: readonly Planned[],
  { flags }: Rollout,
  shared: readonly Requirement[],
  using: Using,
): {
  readonly before: readonly Action[];
  readonly after: readonly Action[];
  readonly undo: readonly Action[];
} {
  const staged = flags.some(({ stages }) => stages.length > 0);
  const healthy = !staged
    ? []
    : parts.flatMap(({ service, deployments, pointer }) => {
        const last = deployments.at(-1);
        if (service === undefined || last === undefined) return [];
        return healthOf(c, service, service.instances ?? [null], last, { pointer, using });
      });
  const requirements = [...healthy, ...shared];
  return {
    before: flags.flatMap(({ route, initial }) =>
      initial === null ? [] : [shift(route, initial ? 100 : 0)],
    ),
    after: flags.flatMap(({ route, stages }) =>
      stages.flatMap((stage) => stageActions(route, stage, requirements)),
    ),
    undo: flags.toReversed().map(({ route }) => restore(route)),
  };
}

function manual(items: readonly string[]): readonly Action[] {
  return items.length === 0 ? [] : [{ kind: 'manual', items }];
}
