/** What must hold before and after every switch of a deployment. */
import type { ServiceBinding } from '../../bindings-document.js';
import { nonBlank } from '../../document.js';
import type { DeploymentStep } from '../../document-changes.js';
import { isMachineProbe } from '../../kinds/probes/index.js';
import type { Requirement } from '../../plan.js';
import { below } from '../../pointer.js';
import type { Compilation } from '../compilation.js';
import { requirementOf } from '../requirement.js';
import { sentencesAt } from '../work.js';
import type { Deployment } from './coordination.js';
import type { Item } from './find.js';
import { perInstance } from './instances.js';
import type { Using } from './item.js';

/** What the bindings ask of a service. What no machine can say belongs into the strategy, where people are asked. */
export function healthOf(
  c: Compilation,
  service: ServiceBinding,
  instances: readonly (string | null)[],
  deployment: Deployment,
  { pointer, using }: { readonly pointer: string; readonly using: Using },
): readonly Requirement[] {
  return (['health', 'smoke'] as const).flatMap((key) =>
    perInstance(service[key], instances, deployment).flatMap((text) => {
      const requirement = requirementAt(c, text, below(pointer, key), using);
      if (isMachineProbe(requirement.probe)) return [requirement];
      c.report(pointer, {
        code: 'not-executable',
        message: `no machine evaluates the ${key} of a service: "${text}"`,
        advice: 'Give it a prefix such as "$ " or "http: ", or bind the sentence under "checks".',
      });
      return [];
    }),
  );
}

/** The installed version is the wanted one. Empty when the bindings do not say how it is read. */
export function versionHolds(
  name: string,
  service: ServiceBinding,
  instances: readonly (string | null)[],
  deployment: Deployment,
  wanted: string | null,
): readonly Requirement[] {
  if (nonBlank(service.version) === null || wanted === null) return [];
  const all = service.version?.includes('{instance}') === true ? instances : instances.slice(0, 1);
  return perInstance(service.version, instances, deployment).map((line, index) => ({
    text: `${all[index] ?? name} has version ${wanted}`,
    probe: {
      how: 'command',
      text: `found=$(${line}) || exit; echo "$found"; [ "\${found#v}" = "\${1#v}" ]`,
      args: [wanted],
    },
  }));
}

/** What the item itself asks for: all of it, and what a machine evaluates. */
export function validationOf(
  c: Compilation,
  { fields, pointer }: Item & { readonly fields: DeploymentStep },
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
