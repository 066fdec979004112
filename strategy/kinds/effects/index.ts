/** The kinds of effect: one line each. `Action` in plan.ts lists what the plan holds of them. */
import type { Action, ManualAction, ObserveAction } from '../../plan.js';
import type { Needs } from '../needs.js';
import { backup } from './backup.js';
import { command, script } from './command.js';
import { configFile } from './config-file.js';
import type { EffectKind } from './kind.js';
import { manual } from './manual.js';
import { mirror } from './mirror.js';
import { observe } from './observe.js';
import { reconcile } from './reconcile.js';
import { rows } from './rows.js';
import { setting } from './setting.js';
import { sql, sqlScript } from './sql.js';
import { stream } from './stream.js';
import { sync } from './sync.js';
import { traffic } from './traffic.js';

type Kind = Action['kind'];
type ActionsByKind = { readonly [K in Kind]: Extract<Action, { readonly kind: K }> };

/** The action of a kind; written so that a lookup by `action.kind` keeps the kind and its functions together. */
export type ActionOf<K extends Kind = Kind> = { [P in K]: ActionsByKind[P] & { readonly kind: P } }[K];

const KINDS: { readonly [K in Kind]: EffectKind<ActionOf<K>> } = {
  command,
  script,
  sql,
  'sql-script': sqlScript,
  'config-file': configFile,
  rows,
  mirror,
  reconcile,
  stream,
  sync,
  backup,
  setting,
  traffic,
  observe,
  manual,
};

/** Characters of a title that people are shown; all of it is in the plan. */
const TITLE_SHOWN = 1_000;

/** A short name of the action for people. */
export function titleOf<K extends Kind>(action: ActionOf<K>): string {
  const title = KINDS[action.kind].title(action);
  return title.length <= TITLE_SHOWN ? title : `${title.slice(0, TITLE_SHOWN)} ...`;
}

/** By what the action is carried out, in a few words. */
export function meansOf<K extends Kind>(action: ActionOf<K>): string {
  return KINDS[action.kind].means(action);
}

/** What an action does, in one line. */
export function describeAction<K extends Kind>(action: ActionOf<K>): string {
  return KINDS[action.kind].describe(action);
}

/** What an action does, in as many lines as it takes. */
export function linesOf<K extends Kind>(action: ActionOf<K>): readonly string[] {
  const kind = KINDS[action.kind];
  return kind.lines?.(action) ?? [kind.describe(action)];
}

/** What a worker carries out; the rest is a person's, or the run's own. */
export type MachineAction = Exclude<Action, ManualAction | ObserveAction>;

export function isMachineAction(action: Action): action is MachineAction {
  return action.kind !== 'manual' && action.kind !== 'observe';
}

/** True when the action can only be carried out where the workspace is. */
export function actionNeedsHost<K extends MachineAction['kind']>(action: ActionOf<K>): boolean {
  const { runs } = KINDS[action.kind];
  return (typeof runs === 'function' ? runs(action) : runs) === 'host';
}

/** What of the bindings the action's job carries. */
export function needsOfAction<K extends Kind>(action: ActionOf<K>): Needs {
  return KINDS[action.kind].needs(action);
}
