/** Windows, freezes and timetables in words. */
import type { Freeze, Timetable, Window } from '../plan.js';
import { describeDuration } from '../render/duration.js';

export function describeWindow(window: Window): string {
  if ('days' in window) return `${window.days.join(' ')} ${window.from}-${window.to} ${window.zone}`;
  if ('rule' in window)
    return `${window.rule.replaceAll('\n', ' ')} for ${describeDuration(window.durationMs)}`;
  return `${window.start} to ${window.end}`;
}

export function describeFreeze(freeze: Freeze): string {
  return `${freeze.from} to ${freeze.to} ${freeze.zone}`;
}

/** Such as "daily at 02:00 Europe/Berlin". */
export function describeTimetable({ days, at, zone }: Timetable): string {
  return `${days.length === 7 ? 'daily' : days.join(' ')} at ${at} ${zone}`;
}
