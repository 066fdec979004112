/** The bindings, turned once into what a plan carries and what sentences are looked up in. */
import type {
  BindingsDocument,
  FlagBinding,
  IntegrationBinding,
  ItemTarget,
  ProbeBinding,
  ServiceBinding,
  TrafficBinding,
} from '../bindings-document.js';
import type { Action, Freeze, MachineProbe, PlannedBindings, RoleBinding, Window } from '../plan.js';
import { below } from '../pointer.js';
import { compileRehearsal, type RehearsalSettings } from '../rehearsal/settings.js';
import { GROUP } from '../run/electorate.js';
import { parseDuration } from '../sentence/duration.js';
import type { WorkspaceReader } from '../workspace-reader.js';
import { compileArchive } from './archive.js';
import { compileFreezes, compileWindows } from './calendar.js';
import { compileChannels } from './channels.js';
import { ConnectionTable } from './connections.js';
import { SentenceTable } from './expressions.js';
import { withGroups } from './groups.js';
import { compileIdentity } from './identity.js';
import { MetricTable } from './metrics.js';
import { parseHttp } from './prefix.js';
import type { Reporter } from './reporter.js';
import type { ScriptFinder } from './script.js';
import { checkNoReferences, checkReferences } from './secrets.js';
import { badSql } from './sql.js';

/** A sentence or dataset that the bindings make executable, as a check and, where it can be one, as an action. */
export interface BoundProbe {
  readonly probe: MachineProbe;
  readonly action: Action | null;
  /** What the probe must come to for the sentence to hold; null when the bindings do not say. */
  readonly expect: 'pass' | 'fail' | null;
}

export interface BindingTables {
  readonly planned: PlannedBindings;
  readonly connections: ConnectionTable;
  readonly checks: SentenceTable<BoundProbe>;
  readonly datasets: ReadonlyMap<string, BoundProbe>;
  readonly metrics: MetricTable;
  readonly windows: ReadonlyMap<string, Window>;
  readonly freezes: ReadonlyMap<string, Freeze>;
  readonly items: ReadonlyMap<string, ItemTarget>;
  readonly flags: ReadonlyMap<string, FlagBinding>;
  readonly services: ReadonlyMap<string, ServiceBinding>;
  readonly traffic: ReadonlyMap<string, TrafficBinding>;
  readonly integrations: ReadonlyMap<string, IntegrationBinding>;
  readonly rehearsal: RehearsalSettings;
  /** What was looked up and found; the others bind nothing. */
  readonly used: Set<string>;
}

const DEFAULT_INTERVAL_MS = 10_000;
const DEFAULT_FAILURE_LIMIT = 3;

const NO_BINDINGS: Omit<BindingsDocument, symbol> = {};

/** Compiles the bindings; without a file, those in which everything is empty. */
export function compileBindings(
  document: BindingsDocument | null,
  reporter: Reporter,
  scripts: ScriptFinder,
  surroundings: WorkspaceReader,
): BindingTables {
  const written = document ?? NO_BINDINGS;
  const source = { ...written, roles: withGroups(written, reporter) };
  reportBadSql(source, reporter, surroundings);
  const connections = new ConnectionTable(source.connections ?? {}, reporter);
  const metrics = new MetricTable(source.metrics ?? {}, connections, reporter);
  const probes = (section: 'checks' | 'datasets'): Map<string, BoundProbe> => {
    const found = new Map<string, BoundProbe>();
    for (const [key, binding] of Object.entries(source[section] ?? {})) {
      const bound = compileProbe(binding, below('', section, key), connections, scripts, reporter);
      if (bound !== null) found.set(key, expecting(bound, binding.expect ?? null));
    }
    return found;
  };
  const checks = new SentenceTable(probes('checks'));
  for (const { key, why } of checks.refused) {
    reporter.report(below('/checks', key), {
      code: 'bad-expression',
      message: `"${key}" is not a Cucumber expression: ${why}`,
      advice: 'Parameters are {int}, {float}, {word}, {string} and {}; write \\{ for a literal brace.',
    });
  }
  return {
    planned: {
      connections: connections.sources,
      metrics: metrics.sources,
      roles: compileRoles(source.roles ?? {}, reporter),
      environment: compileEnvironment(source.environment ?? {}, reporter),
      forbidSelfApproval: source.forbidSelfApproval ?? false,
      ...compileIdentity(source, reporter),
      watch: {
        intervalMs: compileInterval(source.watch?.interval ?? null, reporter),
        failureLimit: source.watch?.failureLimit ?? DEFAULT_FAILURE_LIMIT,
        ...(source.watch?.errorLimit == null ? {} : { errorLimit: source.watch.errorLimit }),
        ...(source.watch?.noDataLimit == null ? {} : { noDataLimit: source.watch.noDataLimit }),
      },
      channels: compileChannels(source.channels ?? {}, reporter),
      ...compileArchive(source.archive ?? null, reporter),
    },
    connections,
    checks,
    datasets: probes('datasets'),
    metrics,
    windows: compileWindows(source.windows ?? {}, reporter),
    freezes: compileFreezes(source.freezes ?? {}, reporter),
    items: new Map(Object.entries(source.items ?? {})),
    flags: new Map(Object.entries(source.flags ?? {})),
    services: new Map(Object.entries(source.services ?? {})),
    traffic: new Map(Object.entries(source.traffic ?? {})),
    integrations: new Map(Object.entries(source.integrations ?? {})),
    rehearsal: compileRehearsal(source.rehearsal, connections, reporter),
    used: new Set(),
  };
}

/** SQL of the bindings is parsed here, so that a slip in it does not wait for the moment at which it is asked. */
function reportBadSql(
  source: Omit<BindingsDocument, symbol>,
  reporter: Reporter,
  surroundings: WorkspaceReader,
): void {
  for (const section of ['checks', 'datasets', 'metrics'] as const) {
    for (const [key, binding] of Object.entries(source[section] ?? {})) {
      const complaint = 'sql' in binding ? surroundings.sqlError(binding.sql) : null;
      if (complaint !== null) reporter.report(below('', section, key, 'sql'), badSql(complaint));
    }
  }
}

/** A probe that is expected to fail is no action: nobody wants to do what must not succeed. */
function expecting({ probe, action }: Compiled, expect: BoundProbe['expect']): BoundProbe {
  if (expect !== 'fail') return { probe, action, expect };
  return { probe: { ...probe, inverted: true }, action: null, expect };
}

type Compiled = Pick<BoundProbe, 'probe' | 'action'>;

function compileProbe(
  binding: ProbeBinding,
  pointer: string,
  connections: ConnectionTable,
  scripts: ScriptFinder,
  reporter: Reporter,
): Compiled | null {
  if ('command' in binding) {
    const finding = checkNoReferences(binding.command);
    if (finding !== null) reporter.report(below(pointer, 'command'), finding);
    const text = binding.command;
    return { probe: { how: 'command', text, args: [] }, action: { kind: 'command', text } };
  }
  if ('sql' in binding) {
    const finding = checkNoReferences(binding.sql);
    if (finding !== null) reporter.report(below(pointer, 'sql'), finding);
    const connection = connections.choose(binding.connection ?? null, pointer, reporter);
    if (connection === null) return null;
    const text = binding.sql;
    return {
      probe: { how: 'sql', text, args: [], connection },
      action: { kind: 'sql', statements: [text], connection },
    };
  }
  if ('script' in binding) return compileScript(binding.script, pointer, connections, scripts, reporter);
  const http = parseHttp(binding.http);
  const finding = checkReferences(binding.http);
  if (finding !== null) reporter.report(below(pointer, 'http'), finding);
  if (http !== null) return { probe: { how: 'http', ...http }, action: null };
  reporter.report(below(pointer, 'http'), {
    code: 'bad-http',
    message: `"${binding.http}" is not a request`,
    advice: 'Write it as: GET http://host/path -> 200',
  });
  return null;
}

function compileScript(
  written: string,
  pointer: string,
  connections: ConnectionTable,
  scripts: ScriptFinder,
  reporter: Reporter,
): Compiled | null {
  const script = scripts.find(written);
  if (script.kind === 'problem') {
    reporter.report(below(pointer, 'script'), script.finding);
    return null;
  }
  const { file } = script;
  if (script.kind === 'program')
    return { probe: { how: 'script', ...file }, action: { kind: 'script', ...file } };
  const connection = connections.choose(null, pointer, reporter);
  if (connection === null) return null;
  return {
    probe: { how: 'sql-script', ...file, connection },
    action: { kind: 'sql-script', ...file, connection },
  };
}

function compileRoles(
  roles: NonNullable<BindingsDocument['roles']>,
  reporter: Reporter,
): Record<string, RoleBinding> {
  const compiled: [string, RoleBinding][] = [];
  for (const [role, { members, votes }] of Object.entries(roles)) {
    const distinct = [...new Set(members)];
    const needed = votes ?? 1;
    // Nobody knows how many are in a group of the identity provider.
    if (needed > distinct.length && !distinct.some((member) => member.startsWith(GROUP))) {
      reporter.report(below('/roles', role), {
        code: 'too-many-votes',
        message: `"${role}" needs ${needed} votes and has ${distinct.length} member${distinct.length === 1 ? '' : 's'}, so it could never decide`,
        advice: 'Name more members, or ask for fewer votes.',
      });
    }
    compiled.push([role, { members: distinct, votes: needed }]);
  }
  return Object.fromEntries(compiled);
}

function compileEnvironment(
  environment: Readonly<Record<string, string>>,
  reporter: Reporter,
): Record<string, string> {
  for (const [name, value] of Object.entries(environment)) {
    const finding = checkReferences(value);
    if (finding !== null) reporter.report(below('/environment', name), finding);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      reporter.report(below('/environment', name), {
        code: 'bad-variable',
        message: `"${name}" is not the name of an environment variable`,
        advice: 'Use letters, digits and underscores, and do not start with a digit.',
      });
    }
  }
  return { ...environment };
}

function compileInterval(interval: string | null, reporter: Reporter): number {
  if (interval === null) return DEFAULT_INTERVAL_MS;
  const ms = parseDuration(interval);
  if (ms !== null && ms > 0) return ms;
  reporter.report('/watch/interval', {
    code: 'bad-duration',
    message: `"${interval}" is not a duration above zero`,
    advice: 'Write it as "10s", "5 minutes" or "PT5M".',
  });
  return DEFAULT_INTERVAL_MS;
}
