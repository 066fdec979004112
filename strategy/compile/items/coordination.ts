/** What `version_coordination` asks of a deployment: who agrees before it, which services come first, and over which versions. */
import { nonBlank } from '../../document.js';
import { below } from '../../pointer.js';
import { mayBreak, sameVersion } from '../../sentence/version.js';
import { serviceKey, versionOf } from '../artifact.js';
import type { Compilation } from '../compilation.js';
import type { Hop } from '../versions.js';
import type { Sentence } from '../work.js';
import { type ItemWindow, itemWindow } from './window.js';

const AT = '/code_migration/version_coordination';

/** One deployment of a service: to which version, and from which. */
export interface Deployment {
  /** Null when nothing says it. */
  readonly version: string | null;
  readonly previous: string | null;
  readonly hop: Hop | null;
}

/** Sorts services as `deployment_sequence` has them; those that it does not name keep their place behind. */
export function inSequence<T extends { readonly name: string }>(
  c: Compilation,
  services: readonly T[],
): readonly T[] {
  if (c.versions.parallel) return services;
  const { sequence } = c.versions;
  const place = ({ name }: T): number => sequence.get(serviceKey(name)) ?? sequence.size;
  return services.toSorted((one, other) => place(one) - place(other));
}

/** Reports a service that is deployed after one that has to wait for it, and notes that it is deployed. */
export function keepSequence(c: Compilation, name: string, pointer: string): void {
  const { sequence, parallel, latest } = c.versions;
  const key = serviceKey(name);
  const place = sequence.get(key);
  if (place === undefined) return;
  if (latest === null || latest.place < place) c.versions.latest = { key, place };
  if (parallel || latest === null || latest.place <= place) return;
  c.report(pointer, {
    code: 'sequence-mismatch',
    message: `"${name}" is deployed after "${latest.key}", and deployment_sequence has it before`,
    advice: 'Change the order here, or in coordination_plan.deployment_sequence.',
  });
}

/**
 * The deployments of a service, in order: those of its way whose versions the artifacts name, or all of it when they name none or
 * the last one only.
 */
export function deploymentsOf(
  c: Compilation,
  name: string,
  artifacts: readonly string[],
  pointer: string,
): readonly Deployment[] {
  const key = serviceKey(name);
  const own = artifacts.flatMap((artifact) => versionOf(artifact) ?? []);
  const service = c.versions.services.get(key);
  if (service === undefined) {
    if (own.length === 0) return [{ version: null, previous: null, hop: null }];
    return own.map((version, index) => ({ version, previous: own[index - 1] ?? null, hop: null }));
  }
  const { way } = service;
  if (way === null) {
    c.report(pointer, {
      code: 'no-version-path',
      message: `the versions of "${name}" in version_coordination do not lead from the lowest to the highest`,
      advice: 'Write one entry per hop; its current_version is the target_version of the one before it.',
    });
    return [];
  }
  const everywhere = c.versions.named.get(key)?.size ?? 0;
  const last = way.at(-1)?.to ?? '';
  const [only] = own;
  if (everywhere <= 1 && only !== undefined && !sameVersion(only, last)) {
    c.report(pointer, {
      code: 'version-mismatch',
      message: `the artifact of "${name}" is ${only}, and version_coordination leads to ${last}`,
      advice: 'Make them the same.',
    });
    return [];
  }
  const hops =
    everywhere <= 1 ? way : way.filter(({ to }) => own.some((version) => sameVersion(version, to)));
  keepHops(c, name, way, hops, pointer);
  return hops.map((hop) => ({ version: hop.to, previous: hop.from, hop }));
}

/** Every hop of the way before the ones of this item must have been carried out. */
function keepHops(
  c: Compilation,
  name: string,
  way: readonly Hop[],
  hops: readonly Hop[],
  pointer: string,
): void {
  const { done } = c.versions;
  const last = hops.at(-1);
  const before = last === undefined ? [] : way.slice(0, way.indexOf(last));
  const missing = before.find((hop) => !hops.includes(hop) && !done.has(hop.pointer));
  for (const hop of hops) note(c, hop);
  if (missing === undefined) return;
  c.report(pointer, {
    code: 'sequence-mismatch',
    message: `"${name}" goes to ${last?.to} before ${missing.to}, and its shortest way leads over ${missing.to}`,
    advice: `Deploy the artifact of ${missing.to} before it.`,
  });
}

function note(c: Compilation, hop: Hop): void {
  c.versions.done.add(hop.pointer);
  c.cover(hop.pointer, describe(hop), 'automated', 'deployed in this order');
  const { from, to, entry } = hop;
  if (from === null || entry.compatibility_mode !== 'backward_compatible' || !mayBreak(from, to)) return;
  c.report(below(hop.pointer, 'compatibility_mode'), {
    code: 'version-mismatch',
    severity: 'warning',
    message: `${from} to ${to} is said to be backward_compatible, and is another major version`,
    advice: 'Say requires_coordination or breaking, unless the versions do not follow Semantic Versioning.',
  });
}

function describe({ from, to, entry }: Hop): string {
  const mode = entry.compatibility_mode;
  const window = nonBlank(entry.deployment_window);
  const words = [mode, window === null ? null : `in the window ${window}`].filter((word) => word != null);
  const name = nonBlank(entry.service_name);
  return `${name} ${from ?? 'as it is'} -> ${to}${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
}

/** What must hold before the first action: points that are due, agreement with the consumers, and the windows. */
export function agreements(
  c: Compilation,
  services: readonly string[],
  deployments: readonly Deployment[],
): readonly Sentence[] {
  return [...duePoints(c, services), ...deployments.flatMap(({ hop }) => (hop === null ? [] : agreed(hop)))];
}

/** A point is asked once: before the first of the services that it names, or before the first of all. */
function duePoints(c: Compilation, services: readonly string[]): readonly Sentence[] {
  const { points, done } = c.versions;
  const own = services.map(serviceKey);
  return points.filter(({ pointer, about }) => {
    const due =
      about.size === 0 ? own.some((key) => isCoordinated(c, key)) : own.some((key) => about.has(key));
    if (!due || done.has(pointer)) return false;
    done.add(pointer);
    return true;
  });
}

function isCoordinated(c: Compilation, key: string): boolean {
  const { services, sequence } = c.versions;
  return services.has(key) || sequence.has(key) || services.size === 0;
}

/** The deployment windows of the hops. */
export function deploymentWindows(c: Compilation, deployments: readonly Deployment[]): readonly ItemWindow[] {
  return deployments.flatMap(({ hop }) => {
    if (hop === null) return [];
    const { pointer, entry } = hop;
    const name = nonBlank(entry.service_name) ?? 'the service';
    const asks = (text: string) => `the deployment window of ${name} is open: ${text}`;
    return [itemWindow(c, entry.deployment_window, below(pointer, 'deployment_window'), asks)];
  });
}

function agreed({ pointer, from, to, entry }: Hop): readonly Sentence[] {
  const name = nonBlank(entry.service_name) ?? 'the service';
  const mode = entry.compatibility_mode ?? null;
  const at = below(pointer, 'compatibility_mode');
  const sentences: Sentence[] = [];
  if (mode === 'requires_coordination') {
    sentences.push({ pointer: at, text: `everybody who uses ${name} agrees to its version ${to}` });
  } else if (mode === 'breaking') {
    const old = from === null ? 'the version before' : from;
    const text = `nobody uses ${name} in a way that its version ${to} breaks, which ${old} allowed`;
    sentences.push({ pointer: at, text });
  }
  return sentences;
}

/** Old and new version must not serve at the same time when the new one breaks what the old one allows. */
export function keepApart(c: Compilation, deployments: readonly Deployment[], shared: boolean): void {
  for (const { hop } of deployments) {
    if (!shared || hop?.entry.compatibility_mode !== 'breaking') continue;
    c.report(below(hop.pointer, 'compatibility_mode'), {
      code: 'breaking-in-stages',
      message: `${describe(hop)} is breaking, and its approach lets both versions serve at the same time`,
      advice: 'Use the approach blue_green, which switches all at once, or make the version compatible.',
    });
  }
}

/** What no deployment step of the plan has used. */
export function coverCoordination(c: Compilation): void {
  const { services, points, done, sequence, parallel } = c.versions;
  const plan = c.document.code_migration?.version_coordination?.coordination_plan;
  for (const { hops, way } of services.values()) {
    for (const hop of hops) {
      if (done.has(hop.pointer)) continue;
      const elsewhere = way !== null && !way.includes(hop) && way.some(({ pointer }) => done.has(pointer));
      const how = elsewhere ? 'not on the shortest way' : 'no deployment step that a step uses deploys it';
      c.cover(hop.pointer, describe(hop), 'not-carried-out', how);
    }
  }
  for (const { pointer, text } of points) {
    if (!done.has(pointer)) c.cover(pointer, text, 'not-carried-out', 'no deployment asks for it');
  }
  const at = below(AT, 'coordination_plan');
  if (sequence.size > 0) {
    const how = parallel ? 'parallel_deployment: any order is accepted' : 'another order is an error';
    c.cover(
      below(at, 'deployment_sequence'),
      [...sequence.keys()].join(', then '),
      parallel ? 'not-carried-out' : 'automated',
      how,
    );
  } else if (plan?.parallel_deployment != null) {
    const text = `parallel_deployment: ${plan.parallel_deployment}`;
    c.cover(
      below(at, 'parallel_deployment'),
      text,
      'not-carried-out',
      'there is no deployment_sequence to keep',
    );
  }
}
