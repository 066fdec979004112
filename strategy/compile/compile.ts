/** A strategy and its bindings, compiled into the plan that a run executes. */
import type { BindingsDocument } from '../bindings-document.js';
import type { Coverage } from '../coverage.js';
import { nonBlank, type StrategyDocument } from '../document.js';
import { hashPlan } from '../hash.js';
import type { Plan, Reconciliation } from '../plan.js';
import type { Problem, SourceMap } from '../problem.js';
import type { RehearsalSettings } from '../rehearsal/settings.js';
import type { WorkspaceReader } from '../workspace-reader.js';
import { compileAfterwards } from './afterwards.js';
import { compileAuthority } from './authority.js';
import { type BindingTables, compileBindings } from './bindings.js';
import { Compilation, type Unbound } from './compilation.js';
import { compileCompletion } from './completion.js';
import { compileConstraints } from './constraints.js';
import { continuousChecks } from './continuous.js';
import { compileDashboards } from './dashboards.js';
import { DatasetFinder } from './datasets.js';
import { compileDelegations } from './delegations.js';
import { compileDowntime } from './downtime.js';
import { compileEscalation } from './escalation.js';
import { FactTable } from './facts.js';
import { findGates } from './gate-places.js';
import { unusedGroups } from './groups.js';
import { coverCoordination } from './items/coordination.js';
import { sharedResources } from './items/infrastructure.js';
import { reconciliationOf } from './items/reconciliation.js';
import { reportUnusedItems } from './items/uses.js';
import { compileLevels } from './levels.js';
import { compileLocks } from './locks.js';
import { reportNearMisses } from './near-misses.js';
import { compileNotices } from './notices.js';
import { compilePhases } from './phases.js';
import { compilePrerequisites } from './prerequisites.js';
import { regressionPrerequisites } from './regression.js';
import { Reporter } from './reporter.js';
import { compileRisks, riskPrerequisites, triggersOf } from './risks.js';
import { roleRoutes } from './role-notices.js';
import { scheduledBefore, scheduledReconciliations } from './schedule.js';
import { ScriptFinder } from './script.js';
import { coverOtherSections } from './sections.js';
import { compileTimeline } from './timeline.js';
import { compileGates } from './validation-gates.js';
import { levelConditions, monitoredConditions } from './watch.js';

export interface CompileInput {
  readonly document: StrategyDocument;
  readonly source: SourceMap;
  readonly bindings: { readonly document: BindingsDocument; readonly source: SourceMap } | null;
  readonly surroundings: WorkspaceReader;
  /** What happens to a sentence that only a person could answer: they are asked, or it is an error. */
  readonly unbound: Unbound;
  /** Near misses and open roles are errors. */
  readonly strict: boolean;
}

export interface Compiled {
  /** Null when a problem is an error. Hashed when it is first asked for, which takes as long as compiling it. */
  readonly plan: Plan | null;
  /** All of them at once, warnings included. */
  readonly problems: readonly Problem[];
  readonly coverage: Coverage;
  readonly rehearsal: RehearsalSettings;
  /** How both sides of a data migration are compared, or why no machine can; null when there is no such item. */
  readonly reconciliation: (item: string) => Reconciliation | { readonly why: string } | null;
}

/** Never throws on documents that their schemas accept: whatever is wrong is among the problems. */
export function compile(input: CompileInput): Compiled {
  const { document, source, surroundings, unbound, strict } = input;
  const problems: Problem[] = [];
  const strategy = new Reporter(source, problems);
  const bound =
    input.bindings === null
      ? null
      : { document: input.bindings.document, reporter: new Reporter(input.bindings.source, problems) };
  const scripts = new ScriptFinder(surroundings, nonBlank(document.linkage?.automation_scripts_dir));
  const bindingsReporter = bound?.reporter ?? strategy;
  const bindings = compileBindings(bound?.document ?? null, bindingsReporter, scripts, surroundings);
  const datasets = new DatasetFinder(surroundings, bindings, nonBlank(document.linkage?.test_datasets_dir));
  const gates = findGates(document);
  const facts = new FactTable(document, gates);
  const parts = {
    document,
    source,
    strategy,
    surroundings,
    unbound,
    bindings,
    facts,
    gates,
    scripts,
    datasets,
  };
  const c = new Compilation(parts);
  const planned = planOf(c);
  const channels = Object.keys(bindings.planned.channels);
  const unhashed = {
    ...planned,
    notices: [...planned.notices, ...roleRoutes(bound?.document.roles, channels, bindingsReporter)],
    ...compileLocks(document, bound?.document ?? null, sharedResources(c)),
    ...compileTimeline(c),
    ...compileDashboards(c),
    authority: compileAuthority(c, bound?.document.authority ?? null, bindingsReporter),
    ...compileDelegations(c, bound?.document.delegations ?? null, bindingsReporter),
    ...compileEscalation(c, bound?.document.escalation ?? null, bindingsReporter),
  };
  reportNearMisses(c, { bindings: bound, strict });
  const failed = problems.some(({ severity }) => severity === 'error');
  let hashed: Plan | null = null;
  return {
    get plan() {
      if (!failed) hashed ??= { ...unhashed, hash: hashPlan(unhashed) };
      return hashed;
    },
    problems,
    rehearsal: bindings.rehearsal,
    reconciliation: (id) => {
      const item = c.items.get(id);
      return item?.kind === 'data migration' ? reconciliationOf(c, item) : null;
    },
    coverage: coverageOf(c, unusedBindings(bindings, bound?.document ?? null)),
  };
}

/** The problems of bindings whose strategy cannot be read; its folder of scripts is not known then. */
export function checkBindings(
  { document, source }: NonNullable<CompileInput['bindings']>,
  surroundings: WorkspaceReader,
): readonly Problem[] {
  const problems: Problem[] = [];
  compileBindings(
    document,
    new Reporter(source, problems),
    new ScriptFinder(surroundings, null),
    surroundings,
  );
  return problems.filter(({ code }) => code !== 'missing-script');
}

/** The sentences are placed when somebody first asks for them: a program that only runs the plan never does. */
function coverageOf(c: Compilation, unused: readonly string[]): Coverage {
  let placed: Coverage['sentences'] | null = null;
  return {
    file: c.reporter.file,
    counts: c.counts,
    otherSections: c.otherSections,
    get sentences() {
      placed ??= c.sentences();
      return placed;
    },
    openRoles: [...c.openRoles],
    unusedBindings: unused,
  };
}

/** In the order of a run, which is also the order of the coverage. */
function planOf(c: Compilation): Omit<Plan, 'hash' | 'authority'> {
  const { metadata, migration_overview: overview } = c.document;
  const prerequisites = [...compilePrerequisites(c), ...riskPrerequisites(c), ...regressionPrerequisites(c)];
  const constraints = compileConstraints(c);
  const { conditions: monitored, alerts } = monitoredConditions(c);
  const levels = compileLevels(c);
  const continuous = continuousChecks(c);
  const compiledRisks = compileRisks(c);
  const everywhere = [...levelConditions(levels), ...monitored, ...continuous.conditions];
  const scheduled = scheduledReconciliations(c);
  const gates = compileGates(c);
  const triggersIn = triggersOf(compiledRisks);
  const phases = compilePhases(c, gates.byPhase, (phase, step) => {
    const triggers = triggersIn(phase, step);
    const compared = scheduledBefore(c, scheduled, step);
    return triggers.length + compared.length === 0 ? everywhere : [...everywhere, ...triggers, ...compared];
  });
  const completion = compileCompletion(c, continuous.requirements);
  const { told, later } = compileNotices(c, alerts, gates.failures);
  // A stream that no step has finished is finished by a cleanup task.
  const unfinished = [...c.streams.values()].flat();
  const afterwards = compileAfterwards(
    c,
    [...everywhere, ...scheduled.map(({ condition }) => condition), ...unfinished],
    later,
  );
  coverCoordination(c);
  coverOtherSections(c);
  reportUnusedItems(c);
  return {
    format: 1,
    strategy: {
      name: nonBlank(metadata.migration_name) ?? nonBlank(overview?.name) ?? 'migration',
      version: metadata.version,
    },
    bindings: c.bindings.planned,
    constraints,
    prerequisites,
    phases,
    ...compileDowntime(c, phases),
    completion,
    ...afterwards,
    levels,
    ...told,
    ...(compiledRisks.length === 0 ? {} : { risks: compiledRisks.map(({ trigger: _, ...risk }) => risk) }),
  };
}

/** What is bound and never asked for is often a misspelled sentence. */
function unusedBindings(bindings: BindingTables, document: BindingsDocument | null): readonly string[] {
  const sections = [
    'checks',
    'metrics',
    'datasets',
    'roles',
    'windows',
    'freezes',
    'items',
    'flags',
    'services',
    'traffic',
    'integrations',
  ] as const;
  const groups = unusedGroups(document ?? {}).map((name) => `groups: ${name}`);
  const rest = sections.flatMap((section) =>
    Object.keys(document?.[section] ?? {})
      .filter((key) => !bindings.used.has(`${section}/${key}`))
      .map((key) => `${section}: ${key}`),
  );
  return [...rest, ...groups];
}
