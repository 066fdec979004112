/** The actions that deploy one service over its versions and instances, and those that take it away again. */
import type { ServiceBinding } from '../../bindings-document.js';
import { nonBlank } from '../../document.js';
import type { Action, Requirement } from '../../plan.js';
import type { Compilation } from '../compilation.js';
import type { Deployment } from './coordination.js';
import { healthOf, versionHolds } from './deployment-checks.js';
import { batchesOf, perInstance } from './instances.js';
import type { Using } from './item.js';
import type { Rollout } from './rollout.js';
import type { Route } from './route.js';
import { check, restore, SOAK_MS, stageActions } from './stages.js';

/** What puts a service there, and what takes it away again. */
export interface Deployed {
  readonly actions: readonly Action[];
  readonly undo: readonly Action[];
}

export interface ServiceDeployment {
  readonly name: string;
  readonly service: ServiceBinding;
  /** One per version, in order. */
  readonly deployments: readonly Deployment[];
  readonly rollout: Rollout;
  /** Null for a service without a route. */
  readonly route: Route | null;
  /** What must hold besides its own health. */
  readonly shared: readonly Requirement[];
}

interface Place {
  readonly pointer: string;
  readonly using: Using;
}

/** The traffic moves to the last of its versions. */
export function deployService(c: Compilation, whole: ServiceDeployment, place: Place): Deployed {
  const { name, service, deployments, rollout, route } = whole;
  const [first] = deployments;
  const all: readonly (string | null)[] = service.instances ?? [null];
  const installed = first === undefined ? [] : versionHolds(name, service, all, first, first.previous);
  const parts = deployments.map((deployment, index) =>
    deployVersion(c, whole, deployment, index === deployments.length - 1, place),
  );
  const moved = route !== null && (rollout.rolling || rollout.stages.length > 0);
  return {
    actions: [
      ...check(`${name} before its deployment`, installed),
      ...parts.flatMap(({ actions }) => actions),
    ],
    undo: [
      ...(moved ? [restore(route)] : []),
      ...withoutRepeats(parts.toReversed().flatMap(({ undo }) => undo)),
    ],
  };
}

function deployVersion(
  c: Compilation,
  { name, service, rollout, route, shared }: ServiceDeployment,
  deployment: Deployment,
  last: boolean,
  place: Place,
): Deployed {
  const batches = batchesOf(service, rollout.rolling);
  const instances = batches.flat();
  const by = rollout.rolling && batches.length > 1;
  let deployed = 0;
  const actions = batches.flatMap((batch): readonly Action[] => {
    deployed += batch.length;
    const requirements = [
      ...healthOf(c, service, batch, deployment, place),
      ...versionHolds(name, service, batch, deployment, deployment.version),
      ...shared,
    ];
    const what = by
      ? `${name}, ${deployed} of ${instances.length} instances`
      : `${name} after its deployment`;
    const batchActions = [...commands(service.deploy, batch, deployment), ...check(what, requirements)];
    if (route === null || !last) return batchActions;
    const stages = by
      ? [{ percent: Math.round((100 * deployed) / instances.length), soakMs: SOAK_MS }]
      : rollout.stages;
    return [...batchActions, ...stages.flatMap((stage) => stageActions(route, stage, requirements))];
  });
  const remove = nonBlank(service.remove);
  const undo: readonly Action[] =
    remove === null
      ? [{ kind: 'manual', items: [`Remove the new version of ${name}`] }]
      : commands(remove, instances.toReversed(), deployment);
  return { actions, undo };
}

/** One per instance, so that each is carried out once. */
function commands(
  line: string,
  instances: readonly (string | null)[],
  deployment: Deployment,
): readonly Action[] {
  return perInstance(line, instances, deployment).map((text) => ({ kind: 'command', text }));
}

/** What takes a service away is the same for all of its versions, unless it names them. */
function withoutRepeats(actions: readonly Action[]): readonly Action[] {
  const seen = new Set<string>();
  return actions.filter((action) => {
    const key = JSON.stringify(action);
    const known = seen.has(key);
    seen.add(key);
    return !known;
  });
}
