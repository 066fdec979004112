/**
 * The versions of `version_coordination`: each entry is a hop from one version of a service to another one, and the way of a
 * service is the shortest one from its lowest version to its highest. Also what of it the plan has used so far.
 */
import { list, nonBlank, numbered, type StrategyDocument } from '../document.js';
import type { DeploymentStep, ServiceVersions } from '../document-changes.js';
import { below } from '../pointer.js';
import { compareVersions, sameVersion } from '../sentence/version.js';
import { serviceKey, serviceOf, versionOf } from './artifact.js';

const AT = '/code_migration/version_coordination';

export interface Hop {
  readonly pointer: string;
  /** Null when the strategy does not say what is installed. */
  readonly from: string | null;
  readonly to: string;
  readonly entry: ServiceVersions;
}

export interface ServiceWay {
  readonly name: string;
  readonly hops: readonly Hop[];
  /** The shortest way; null when there is none. */
  readonly way: readonly Hop[] | null;
}

/** A text about several services, with its place. */
interface Point {
  readonly pointer: string;
  readonly text: string;
}

export interface CoordinationPoint extends Point {
  /** Keys of the services that it names. */
  readonly about: ReadonlySet<string>;
}

export class Versions {
  /** By the key of the service. */
  readonly services: ReadonlyMap<string, ServiceWay>;
  /** Keys of services in the order of deployment, with their place in it. */
  readonly sequence: ReadonlyMap<string, number>;
  readonly points: readonly CoordinationPoint[];
  /** The service that is deployed and stands last in the sequence. */
  latest: { readonly key: string; readonly place: number } | null = null;
  /** Services that may be deployed in any order. */
  readonly parallel: boolean;
  /** What the artifacts of all deployment steps name, by service. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /** Points that are asked, hops that are carried out, and services that are deployed, each once. */
  readonly done = new Set<string>();

  constructor({ code_migration }: StrategyDocument) {
    const { services, coordination_plan: plan } = code_migration?.version_coordination ?? {};
    this.services = new Map(
      [...hopsByService(services)].map(([key, hops]) => [
        key,
        { name: nonBlank(hops[0]?.entry.service_name) ?? key, hops, way: shortestWay(hops) },
      ]),
    );
    this.named = namedVersions(list(code_migration?.deployment_strategy?.steps));
    const known = new Set([...this.services.keys(), ...this.named.keys()]);
    const entries = numbered(plan?.deployment_sequence).map(({ index, text }) => ({
      key: serviceKey(serviceOf(text)),
      point: { pointer: below(AT, 'coordination_plan', 'deployment_sequence', index), text },
    }));
    this.sequence = new Map(
      [...new Set(entries.flatMap(({ key }) => (known.has(key) ? [key] : [])))].map((key, place) => [
        key,
        place,
      ]),
    );
    const points: readonly Point[] = [
      ...numbered(plan?.coordination_points).map(({ index, text }) => ({
        pointer: below(AT, 'coordination_plan', 'coordination_points', index),
        text,
      })),
      // What the sequence names besides services, somebody has to see to.
      ...entries.flatMap(({ key, point }) => (known.has(key) ? [] : [point])),
    ];
    this.points = points.map((point) => ({ ...point, about: namedIn(point.text, known) }));
    this.parallel = plan?.parallel_deployment === true;
  }
}

function hopsByService(services: Parameters<typeof list<ServiceVersions>>[0]): Map<string, Hop[]> {
  const found = new Map<string, Hop[]>();
  for (const [index, entry] of list(services).entries()) {
    const name = nonBlank(entry.service_name);
    const to = nonBlank(entry.target_version);
    if (name === null || to === null) continue;
    const hop = { pointer: below(AT, 'services', index), from: nonBlank(entry.current_version), to, entry };
    const key = serviceKey(name);
    const known = found.get(key);
    if (known === undefined) found.set(key, [hop]);
    else known.push(hop);
  }
  return found;
}

/** The services that a text names. */
function namedIn(text: string, known: ReadonlySet<string>): ReadonlySet<string> {
  const words = `-${serviceKey(text).replaceAll(/[^a-z0-9.-]+/g, '-')}-`;
  return new Set([...known].filter((key) => words.includes(`-${key}-`)));
}

function namedVersions(steps: readonly DeploymentStep[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { artifacts_to_deploy, deployment_order } of steps) {
    for (const { text } of [...numbered(artifacts_to_deploy), ...numbered(deployment_order)]) {
      const key = serviceKey(serviceOf(text));
      const versions = found.get(key) ?? new Set();
      const version = versionOf(text);
      if (version !== null) versions.add(version);
      found.set(key, versions);
    }
  }
  return found;
}

/** Fewest hops, then fewest that need coordination. Null when the hops do not lead from the lowest to the highest version. */
function shortestWay(hops: readonly Hop[]): readonly Hop[] | null {
  const [only, ...others] = hops;
  if (only === undefined || others.length === 0) return hops;
  const start = extreme(
    hops.flatMap(({ from }) => (from === null ? [] : [from])),
    -1,
  );
  const goal = extreme(
    hops.map(({ to }) => to),
    1,
  );
  if (start === null || goal === null) return null;
  interface Reached {
    readonly version: string;
    readonly way: readonly Hop[];
  }
  const costOf = ({ way }: Reached): number =>
    way.length * hops.length + way.filter(({ entry }) => needsPeople(entry)).length;
  const reached: Reached[] = [{ version: start, way: [] }];
  const settled: string[] = [];
  for (;;) {
    const next = reached
      .filter(({ version }) => !settled.some((other) => sameVersion(other, version)))
      .reduce<Reached | null>(
        (best, one) => (best === null || costOf(one) < costOf(best) ? one : best),
        null,
      );
    if (next === null) return null;
    if (sameVersion(next.version, goal)) return next.way;
    settled.push(next.version);
    for (const hop of hops) {
      if (hop.from === null || !sameVersion(hop.from, next.version)) continue;
      reached.push({ version: hop.to, way: [...next.way, hop] });
    }
  }
}

function needsPeople({ compatibility_mode: mode }: ServiceVersions): boolean {
  return mode === 'requires_coordination' || mode === 'breaking';
}

/** The lowest (`sign` -1) or highest version; null when one of them is no version that can be compared. */
function extreme(versions: readonly string[], sign: -1 | 1): string | null {
  let found = versions[0] ?? null;
  for (const version of versions) {
    const order = found === null ? null : compareVersions(version, found);
    if (order === null) return null;
    if (order * sign > 0) found = version;
  }
  return found;
}
