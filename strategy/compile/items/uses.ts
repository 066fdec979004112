/** `x-uses`: a step carries out items of other sections after its own actions, each with its own checks and way back. */
import type { Step } from '../../document.js';
import type { Action, Procedure, Undo, UsedItem } from '../../plan.js';
import { usesOf } from '../../uses.js';
import type { Compilation } from '../compilation.js';
import { downtimeOf } from '../downtime.js';
import { compileConfiguration } from './configuration.js';
import { compileTransition, type Transition } from './contract.js';
import { compileData } from './data.js';
import { compileDeployment } from './deployment.js';
import type { Item } from './find.js';
import { compileInfrastructure } from './infrastructure.js';
import { compileExternalIntegration, compileInternalIntegration } from './integration.js';
import { textsOf, type Using } from './item.js';
import { compileFinish } from './mirror.js';
import { compileCutOver, compileStreamFinish } from './online.js';
import { compileContract, compileDrop } from './schema-change.js';
import { compileSyncCutOver, compileSyncFinish } from './sync.js';

export interface Uses {
  readonly items: readonly UsedItem[];
  readonly procedures: readonly Procedure[];
  readonly transitions: readonly Transition[];
  /** What its items declare; absent where the service stays up. */
  readonly downtime?: { readonly plannedMs: number | null };
}

/**
 * What is not defined is reported with the references of the file; an item that is used twice is reported here. `acts`: the step has
 * actions of its own.
 */
export function compileUses(
  c: Compilation,
  step: Pick<Step, 'x-uses'>,
  pointer: string,
  using: Using,
  acts: boolean,
): Uses {
  const items: UsedItem[] = [];
  const procedures: Procedure[] = [];
  const transitions: Transition[] = [];
  const downtimes: (number | null)[] = [];
  for (const use of usesOf(step, pointer)) {
    const item = c.items.get(use.id);
    if (item === undefined) continue;
    if (c.usedItems.has(use.id)) {
      c.report(use.pointer, {
        code: 'used-twice',
        message: `"${use.id}" is used already, and an item is carried out once`,
        advice: 'Remove it here.',
      });
      continue;
    }
    c.usedItems.add(use.id);
    items.push({ id: item.id, kind: item.kind, texts: textsOf(item.fields) });
    procedures.push(compileOne(c, item, using, acts));
    downtimes.push(...downtimeOf(c, item));
    if (item.kind === 'internal integration') transitions.push(compileTransition(c, item, using));
  }
  const plannedMs = downtimes.reduce((sum, ms) => (sum === null || ms === null ? null : sum + ms), 0);
  return { items, procedures, transitions, ...(downtimes.length === 0 ? {} : { downtime: { plannedMs } }) };
}

function compileOne(c: Compilation, item: Item, using: Using, acts: boolean): Procedure {
  switch (item.kind) {
    case 'configuration change':
      return compileConfiguration(c, item, using);
    case 'infrastructure change':
      return compileInfrastructure(c, item, using);
    case 'external integration':
      return compileExternalIntegration(c, item, using, acts);
    case 'internal integration':
      return compileInternalIntegration(c, item, using, acts);
    case 'deployment step':
      return compileDeployment(c, item, using);
    case 'data migration':
      return compileData(c, item, using);
    case 'schema contract':
      return compileContract(c, item, using);
    case 'drop of the old columns':
      return compileDrop(c, item, using);
    case 'stream cut-over':
      return compileCutOver(c, item, using);
    case 'stream finish':
      return compileStreamFinish(c, item, using);
    case 'end of the writes to both sides':
      return compileFinish(c, item, using);
    case 'cut-over of the rounds':
      return compileSyncCutOver(c, item, using);
    case 'end of the rounds':
      return compileSyncFinish(c, item, using);
    default:
      return item satisfies never;
  }
}

/** The step's own procedure, then those of its items. What was done last is undone first. */
export function joinProcedures(own: Procedure, ownName: string, uses: Uses): Procedure {
  if (uses.procedures.length === 0) return own;
  const parts = [
    { name: ownName, procedure: own },
    ...uses.procedures.map((procedure, index) => ({ name: uses.items[index]?.id ?? '', procedure })),
  ];
  const windows = parts.flatMap(({ procedure }) => procedure.windows ?? []);
  return {
    ...own,
    ...(windows.length === 0 ? {} : { windows }),
    conditions: parts.flatMap(({ procedure }) => procedure.conditions),
    actions: parts.flatMap(({ procedure }) => procedure.actions),
    checks: [
      ...parts.flatMap(({ procedure }) => procedure.checks),
      ...uses.transitions.flatMap(({ checks }) => checks),
    ],
    undo: joinUndo(parts),
  };
}

/**
 * One part without a way back makes the whole a point of no return. A part without an undo is undone by hand beside those that
 * have one, unless the step itself says how all of it is undone.
 */
function joinUndo(parts: readonly { readonly name: string; readonly procedure: Procedure }[]): Undo {
  const undos = parts.map(({ procedure }) => procedure.undo);
  if (undos.some(({ kind }) => kind === 'impossible')) return { kind: 'impossible' };
  if (!undos.some(({ kind }) => kind === 'actions')) {
    return undos.find(({ kind }) => kind === 'none') ?? { kind: 'nothing' };
  }
  const covered = undos[0]?.kind === 'actions';
  const actions = parts.toReversed().flatMap(({ name, procedure: { undo } }): readonly Action[] => {
    if (undo.kind === 'actions') return undo.actions;
    if (undo.kind !== 'none' || covered) return [];
    return [{ kind: 'manual', items: [`Undo ${name}, which has no undo of its own`] }];
  });
  return {
    kind: 'actions',
    actions,
    checks: undos.flatMap((undo) => (undo.kind === 'actions' ? undo.checks : [])),
  };
}

/** Items that no step carries out. */
export function reportUnusedItems(c: Compilation): void {
  for (const { id, kind, pointer } of c.items.values()) {
    if (c.usedItems.has(id)) continue;
    const who = kind === 'drop of the old columns' ? 'cleanup task' : 'step';
    c.report(pointer, {
      code: 'unused-item',
      severity: 'warning',
      message: `no ${who} carries out the ${kind} "${id}"`,
      advice: `Add "x-uses: ${id}" to the ${who} that does it.`,
    });
  }
}
