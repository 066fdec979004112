/** The lines and sentences of a service, for one instance and one version: `{instance}`, `{version}` and `{previous}` stand for them. */
import type { ServiceBinding } from '../../bindings-document.js';
import { nonBlank } from '../../document.js';
import type { Compilation } from '../compilation.js';
import { checkNoReferences } from '../secrets.js';
import type { Deployment } from './coordination.js';

/** What a text is filled with. */
export interface Filling {
  readonly instance: string | null;
  readonly deployment: Deployment;
}

/** Versions stand in lines for the shell, so they hold nothing that a shell reads. */
const PLAIN = /^[\w.+~:-]+$/;

/** Reports what stands for something that nobody says, and versions that a shell would not read as one word. */
export function checkTexts(
  c: Compilation,
  name: string,
  service: ServiceBinding,
  deployments: readonly Deployment[],
  pointer: string,
): void {
  const report = (message: string, advice: string): void =>
    c.report(pointer, { code: 'bad-service', message, advice });
  const texts = [service.deploy, service.remove, service.health, service.smoke, service.version];
  const uses = (word: string): boolean => texts.some((text) => text?.includes(`{${word}}`) === true);
  for (const text of [service.deploy, service.remove, service.version]) {
    const finding = text == null ? null : checkNoReferences(text);
    if (finding !== null) c.report(pointer, finding);
  }
  const instances = service.instances ?? [];
  if (uses('instance') && instances.length === 0) {
    report(`the service "${name}" says {instance}, and has no instances`, 'Name them under "instances".');
  }
  if (instances.length > 0 && !service.deploy.includes('{instance}')) {
    report(
      `the service "${name}" has instances, and its deploy line is the same for each`,
      'Write {instance} where the line names the instance.',
    );
  }
  if (deployments.length > 1 && !service.deploy.includes('{version}')) {
    report(
      `the service "${name}" is deployed in ${deployments.length} versions, and its deploy line is the same for each`,
      'Write {version} where the line names the version.',
    );
  }
  for (const [word, values] of [
    ['version', deployments.map(({ version }) => version)],
    ['previous', deployments.map(({ previous }) => previous)],
  ] as const) {
    if (!uses(word)) continue;
    if (values.includes(null)) {
      report(`the service "${name}" says {${word}}, and nothing says which one that is`, WHERE);
    }
    const odd = values.find((value) => value !== null && !PLAIN.test(value));
    if (odd != null)
      report(
        `"${odd}" cannot stand in a line for the shell as it is`,
        'Write a plain version, such as 2.0.1.',
      );
  }
}

const WHERE = 'Name it in the artifact, such as cart-service:2.0.0, or in version_coordination.services.';

export function fill(text: string, { instance, deployment: { version, previous } }: Filling): string {
  return text
    .replaceAll('{instance}', instance ?? '')
    .replaceAll('{version}', version ?? '')
    .replaceAll('{previous}', previous ?? '');
}

/** All at once, or in batches: a fifth of the instances, at least 1 and at most 2, unless the bindings say it. */
export function batchesOf(
  service: ServiceBinding,
  rolling: boolean,
): readonly (readonly (string | null)[])[] {
  const instances = service.instances ?? [];
  if (instances.length === 0) return [[null]];
  if (!rolling) return [instances];
  const size = service.batch ?? Math.max(1, Math.min(2, Math.floor(instances.length / 5)));
  const batches: (readonly string[])[] = [];
  for (let at = 0; at < instances.length; at += size) batches.push(instances.slice(at, at + size));
  return batches;
}

/** A text once per instance when it names one, else once. */
export function perInstance(
  text: string | null | undefined,
  instances: readonly (string | null)[],
  deployment: Deployment,
): readonly string[] {
  const found = nonBlank(text);
  if (found === null) return [];
  const all = found.includes('{instance}') ? instances : instances.slice(0, 1);
  return all.map((instance) => fill(found, { instance, deployment }));
}
