/** The timeline of a plan, as reviewers read it. */
import { oneLine } from '../kinds/text.js';
import type { Plan } from '../plan.js';
import { lengthOf } from '../timeline/progress.js';
import { describeDuration } from './duration.js';

/** One line per milestone, and one for the critical path; none without a timeline. */
export function describeTimelineOf({ timeline }: Pick<Plan, 'timeline'>): readonly string[] {
  if (timeline === undefined) return [];
  const { milestones, criticalPath, bufferPercentage } = timeline;
  const lines = milestones.map(({ id, name, due, parts }) => {
    // The last moment of the day, not the first of the next.
    const by = due === null ? '' : ` by ${new Date(Date.parse(due) - 1).toISOString().slice(0, 10)}`;
    const after = parts.length === 0 ? 'nothing says when it is reached' : `after ${parts.join(', ')}`;
    return `${id} ${oneLine(name)}${by}: ${after}`;
  });
  if (criticalPath.length === 0) return lines;
  const length = lengthOf(criticalPath);
  const buffer = bufferPercentage === null ? '' : `, and a buffer of ${bufferPercentage}%`;
  const time = length === null ? '' : ` (${describeDuration(length)}${buffer})`;
  return [...lines, `critical path: ${criticalPath.map(({ step }) => step).join(', ')}${time}`];
}
