/** Windows and freezes in words. */
import type { Freeze, Window } from '../plan.js';
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
