import { list, numbered, type Text } from '../document.js';
import { parseIsoDate } from '../iso-date.js';
import type { Findings } from './findings.js';
import type { Inventory } from './inventory.js';

/** Dates are in the order that their meaning gives them. Warnings only: no clock is asked. */
export function checkDates(inventory: Inventory, findings: Findings): void {
  const { metadata, execution_timeline } = inventory.document;
  if (isBefore(metadata.last_updated, metadata.created_date)) {
    const message = `the strategy was last updated (${metadata.last_updated}) before it was created (${metadata.created_date})`;
    findings.warning('dates-out-of-order', '/metadata/last_updated', message, 'Correct one of the two.');
  }
  const milestones = list(execution_timeline?.milestones);
  const byId = new Map(milestones.map((milestone) => [milestone.milestone_id, milestone]));
  for (const [index, milestone] of milestones.entries()) {
    for (const { text } of numbered(milestone.dependencies)) {
      const needed = byId.get(text);
      if (needed === undefined || !isBefore(milestone.target_date, needed.target_date)) continue;
      const message = `the milestone "${milestone.milestone_id}" is due before "${text}", on which it depends (${needed.target_date})`;
      const pointer = `/execution_timeline/milestones/${index}/target_date`;
      findings.warning('dates-out-of-order', pointer, message, 'Move one of the two.');
    }
  }
}

function isBefore(a: Text, b: Text): boolean {
  if (!a || !b) return false;
  const [first, second] = [parseIsoDate(a), parseIsoDate(b)];
  return first !== null && second !== null && first.from < second.from && first.until <= second.from;
}
