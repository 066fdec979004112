/** The timeline, for plan and status: it is shown, and decides nothing. */
import { nonBlank, numbered } from '../document.js';
import type { Plan } from '../plan.js';
import { below } from '../pointer.js';
import { readCriticalPath, readMilestones } from '../timeline/read.js';
import type { Compilation } from './compilation.js';

export function compileTimeline(c: Compilation): Pick<Plan, 'timeline'> {
  const timeline = c.document.execution_timeline;
  const milestones = readMilestones(c.document).map(({ unknown, ...milestone }, index) => {
    const pointer = below('/execution_timeline/milestones', index, 'dependencies');
    for (const { index: at, text } of numbered(timeline?.milestones?.[index]?.dependencies)) {
      if (!unknown.includes(text)) continue;
      const how = `milestone ${milestone.id} waits for it in vain: it is no id of this strategy`;
      c.cover(below(pointer, at), text, 'not-carried-out', how);
    }
    return milestone;
  });
  const criticalPath = readCriticalPath(c.document);
  for (const [index, { step_id, duration }] of (timeline?.critical_path ?? []).entries()) {
    const text = nonBlank(duration);
    const step = criticalPath.find(({ step }) => step === step_id);
    if (text === null || step?.durationMs != null) continue;
    const why = step === undefined ? `"${step_id}" is no step of this strategy` : 'it is not understood';
    c.cover(below('/execution_timeline/critical_path', index, 'duration'), text, 'not-carried-out', why);
  }
  if (milestones.length + criticalPath.length === 0) return {};
  const bufferPercentage = timeline?.contingency_time?.buffer_percentage ?? null;
  return { timeline: { milestones, criticalPath, bufferPercentage } };
}
