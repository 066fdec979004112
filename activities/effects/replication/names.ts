/** What the objects of a stream are called: the same for every attempt at any of its parts, and for no other run. */
import { createHash } from 'node:crypto';
import type { StreamAction } from '../../../strategy/plan.js';
import type { RunContext } from '../../contract.js';

export interface Names {
  /** The key of its row in `sluice.stream`. */
  readonly id: string;
  /** All of its objects begin with this. */
  readonly prefix: string;
  /** Publication and slot on the source, subscription on the target. */
  readonly forward: string;
  /** Publication and slot on the target, subscription on the source. */
  readonly reverse: string;
  /** A trigger on both sides that refuses the writes of clients; enabled on the side that must not be written. */
  readonly fence: string;
  /** A table on both sides, quoted, that says how far the relay has come which writes there. */
  readonly positions: string;
  /** A trigger on both sides that refuses TRUNCATE, which no stream carries. */
  readonly guard: string;
}

/** What tells the stream of an item from those of other runs. */
export interface StreamOwner {
  readonly context: Pick<RunContext, 'run' | 'execution'>;
  readonly action: Pick<StreamAction, 'item'>;
}

export function namesOf({ context, action }: StreamOwner): Names {
  const parts = [context.run, context.execution, action.item];
  const id = parts.map(encodeURIComponent).join('/');
  const prefix = `sluice_${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
  return {
    id,
    prefix,
    forward: prefix,
    reverse: `${prefix}_back`,
    positions: `"sluice"."${prefix}_at"`,
    fence: `${prefix}_fence`,
    guard: `${prefix}_guard`,
  };
}
