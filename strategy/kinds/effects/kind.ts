/**
 * The pure half of a kind of effect: what the plan, the workflow and every face know of it. Its other half, which
 * touches the world, is `activities/effects/KIND/`.
 */
import type { Action } from '../../plan.js';
import type { Needs } from '../needs.js';

/** Where an effect is carried out. */
export type Where = 'host' | 'any' | 'run' | 'person';

export interface EffectKind<A extends Action> {
  /** `host`: only where the workspace and the job folders are. `any`: any worker can do it. `run`: the run itself. `person`: nobody but a person. */
  readonly runs: Where | ((action: A) => Where);
  /** What of the bindings its job carries. */
  readonly needs: (action: A) => Needs;
  /** A short name for people, such as the command line itself. */
  readonly title: (action: A) => string;
  /** By what it is carried out, as the coverage says it: "SQL on shop". */
  readonly means: (action: A) => string;
  /** One line of the plan. */
  readonly describe: (action: A) => string;
  /** The plan's lines when one does not tell everything. */
  readonly lines?: (action: A) => readonly string[];
}
