/** What is watched while people are asked: the replication slots of the streams that are under way there. */
import type { WatchCondition, WhileAsked } from '../plan.js';

/** By the id of their item. */
export type Streams = ReadonlyMap<string, readonly WatchCondition[]>;

export function whileAsked(streams: Streams): { readonly whileAsked?: WhileAsked } {
  const conditions = [...streams.values()].flat();
  return conditions.length === 0 ? {} : { whileAsked: { conditions, metrics: [] } };
}
