/** What every part of compiling shares: where problems and coverage go, and what sentences are looked up in. */
import type { CoverageKind, CoveredSentence } from '../coverage.js';
import type { StrategyDocument } from '../document.js';
import type { Reconciliation, WatchCondition } from '../plan.js';
import type { SourceMap } from '../problem.js';
import { parseEstimate, parseSoak } from '../sentence/soak.js';
import type { WorkspaceReader } from '../workspace-reader.js';
import type { BindingTables } from './bindings.js';
import type { Classified } from './classified.js';
import type { DatasetFinder } from './datasets.js';
import type { FactTable } from './facts.js';
import type { FoundGate } from './gate-places.js';
import { type Item, itemsOf } from './items/find.js';
import { memo } from './memo.js';
import { ProgramFinder } from './programs.js';
import { type Finding, type Reporter, shorten } from './reporter.js';
import type { ScriptFinder } from './script.js';
import { Versions } from './versions.js';

/** What happens to a sentence that nothing can evaluate. */
export type Unbound = 'person' | 'fail';

export interface CompilationParts {
  readonly document: StrategyDocument;
  readonly source: SourceMap;
  readonly strategy: Reporter;
  readonly surroundings: WorkspaceReader;
  readonly unbound: Unbound;
  readonly bindings: BindingTables;
  readonly facts: FactTable;
  readonly gates: readonly FoundGate[];
  readonly scripts: ScriptFinder;
  readonly datasets: DatasetFinder;
}

export class Compilation {
  readonly document: StrategyDocument;
  readonly surroundings: WorkspaceReader;
  readonly unbound: Unbound;
  readonly bindings: BindingTables;
  readonly facts: FactTable;
  /** The validation gates within phases. */
  readonly gates: readonly FoundGate[];
  readonly scripts: ScriptFinder;
  readonly datasets: DatasetFinder;
  readonly programs: ProgramFinder;
  readonly counts: Record<CoverageKind, number> = {
    automated: 0,
    state: 0,
    declared: 0,
    person: 0,
    'not-carried-out': 0,
  };
  readonly otherSections: string[] = [];
  /** Every role, in the order in which the strategy mentions them. */
  readonly roles = new Set<string>();
  /** Those that the bindings do not name. */
  readonly openRoles = new Set<string>();
  /** What `x-uses` can name, by id. */
  readonly items: ReadonlyMap<string, Item>;
  readonly usedItems = new Set<string>();
  /** By the id of an online migration that has begun and is not finished: what the steps are watched for meanwhile. */
  readonly streams = new Map<string, readonly WatchCondition[]>();
  readonly versions: Versions;
  /** What estimates say; thousands of steps share a few of them. */
  readonly soak = memo(parseSoak);
  readonly estimate = memo(parseEstimate);
  /** Sentences seen before come to the same: a strategy repeats many of them. */
  readonly classified = new Map<string, Classified>();
  readonly compared = new Map<string, Classified>();
  /** How the two sides of an item are compared, or why no machine can. */
  readonly reconciliations = new Map<string, Reconciliation | { readonly why: string }>();
  /** Sentences that no machine reads, for the search for near misses. */
  readonly unread: { readonly pointer: string; readonly text: string }[] = [];
  readonly #sentences: Omit<CoveredSentence, 'position'>[] = [];
  readonly #source: SourceMap;
  readonly #strategy: Reporter;

  constructor(parts: CompilationParts) {
    this.document = parts.document;
    this.items = itemsOf(parts.document);
    this.versions = new Versions(parts.document);
    this.surroundings = parts.surroundings;
    this.unbound = parts.unbound;
    this.bindings = parts.bindings;
    this.facts = parts.facts;
    this.gates = parts.gates;
    this.scripts = parts.scripts;
    this.datasets = parts.datasets;
    this.programs = new ProgramFinder(parts.surroundings, parts.bindings.planned.environment.PATH ?? null);
    this.#source = parts.source;
    this.#strategy = parts.strategy;
  }

  /** Where problems of the strategy go. */
  get reporter(): Reporter {
    return this.#strategy;
  }

  report(pointer: string, finding: Finding): void {
    this.#strategy.report(pointer, finding);
  }

  /** Notes what becomes of a sentence. Each asking sentence is noted exactly once. */
  cover(pointer: string, text: string, kind: CoverageKind, how: string): void {
    this.#sentences.push({ pointer, text, kind, how });
    this.counts[kind] += 1;
  }

  /** Everything noted so far, with positions: finding 120,000 of them takes longer than compiling their sentences. */
  sentences(): readonly CoveredSentence[] {
    return this.#sentences.map(({ pointer, text, kind, how }) => {
      return { pointer, position: this.#source.at(pointer), text, kind, how };
    });
  }

  /** Notes that a person is asked, which `unbound: 'fail'` does not allow. */
  coverByPerson(pointer: string, text: string, how: string): void {
    this.cover(pointer, text, 'person', how);
    this.unread.push({ pointer, text });
    if (this.unbound !== 'fail') return;
    this.report(pointer, {
      code: 'unbound',
      message: `only a person can confirm or do this: "${shorten(text)}"`,
      advice:
        'Bind it under "checks" in the bindings, give it a prefix such as "$ ", or allow people to be asked.',
    });
  }

  /** Notes a role that the strategy names. */
  role(name: string | null): void {
    if (name === null) return;
    this.roles.add(name);
    if (!Object.hasOwn(this.bindings.planned.roles, name)) this.openRoles.add(name);
    this.bindings.used.add(`roles/${name}`);
  }
}
