/** How far a run has come on its timeline, computed from its view. */
import type { Timeline } from '../plan.js';
import { describeDuration } from '../render/duration.js';
import { duration } from '../render/elapsed.js';
import { gatesOf } from '../run/gates.js';
import { isOver, type MigrationView } from '../run/view.js';

export type Progress = 'not_started' | 'in_progress' | 'completed';

/** By the id of each prerequisite, phase, step and gate. */
export function progressById(view: MigrationView): ReadonlyMap<string, Progress> {
  const found = new Map<string, Progress>();
  for (const { id, status } of view.prerequisites) {
    found.set(id, status === 'verified' || status === 'skipped' ? 'completed' : progressOf(status));
  }
  for (const phase of view.phases) {
    const { id, status, steps } = phase;
    found.set(id, progressOf(status));
    for (const step of steps) found.set(step.id, progressOf(step.status));
    for (const gate of gatesOf(phase)) found.set(gate.id, progressOf(gate.status));
  }
  return found;
}

function progressOf(status: string): Progress {
  switch (status) {
    case 'completed':
    case 'skipped':
    case 'passed':
      return 'completed';
    // What was undone is as it was before it began.
    case 'pending':
    case 'rolled_back':
      return 'not_started';
    default:
      return 'in_progress';
  }
}

export interface MilestoneView {
  readonly id: string;
  readonly name: string;
  /** Null when nothing says what it depends on. */
  readonly progress: Progress | null;
  readonly done: number;
  readonly of: number;
  /** ISO 8601, or null. */
  readonly due: string | null;
  /** Not reached, and due before now. */
  readonly late: boolean;
}

export function milestoneViews(view: MigrationView, now: Date): readonly MilestoneView[] {
  const progress = progressById(view);
  return (view.timeline?.milestones ?? []).map(({ id, name, due, parts }) => {
    const states = parts.map((part) => progress.get(part) ?? 'not_started');
    const reached = together(states);
    const late = !isOver(view) && reached !== 'completed' && due !== null && now.getTime() > Date.parse(due);
    const done = states.filter((state) => state === 'completed').length;
    return { id, name, progress: reached, done, of: states.length, due, late };
  });
}

/** Of several parts; null without any. */
export function together(parts: readonly Progress[]): Progress | null {
  if (parts.length === 0) return null;
  if (parts.every((part) => part === 'completed')) return 'completed';
  return parts.every((part) => part === 'not_started') ? 'not_started' : 'in_progress';
}

/** Milestones and critical path for people, with what is late and how much slack is left; empty without a timeline. */
export function describeTimeline(view: MigrationView, now: Date): readonly string[] {
  const { timeline } = view;
  if (timeline === undefined) return [];
  const milestones = milestoneViews(view, now);
  // Nothing is due any more of a run that has ended.
  if (isOver(view)) return milestones.map(describeOutcome);
  const lines = milestones.map((milestone) => describeMilestone(milestone, now));
  const path = describeCriticalPath(timeline, view, now);
  return path === null ? lines : [...lines, path];
}

function describeOutcome({ id, name, progress, done, of }: MilestoneView): string {
  const label = `${id}${name === id ? '' : ` ${name}`}`;
  return progress === 'completed' ? `${label}: reached` : `${label}: not reached, ${done} of ${of} done`;
}

function describeMilestone({ id, name, progress, done, of, due, late }: MilestoneView, now: Date): string {
  const label = `${id}${name === id ? '' : ` ${name}`}`;
  if (progress === 'completed') return `${label}: reached`;
  const state = progress === null ? 'nothing says when it is reached' : `${done} of ${of} done`;
  if (due === null) return `${label}: ${state}`;
  const distance = duration(Math.abs(Date.parse(due) - now.getTime()));
  return `${label}: ${state}, ${late ? `late by ${distance}` : `due in ${distance}`}`;
}

/** The slack is the time until the last milestone without what is left of the path. */
function describeCriticalPath(timeline: Timeline, view: MigrationView, now: Date): string | null {
  const { criticalPath, milestones, bufferPercentage } = timeline;
  if (criticalPath.length === 0) return null;
  const progress = progressById(view);
  const left = criticalPath.filter(({ step }) => progress.get(step) !== 'completed');
  const done = `critical path: ${criticalPath.length - left.length} of ${criticalPath.length} steps done`;
  if (left.length === 0) return done;
  const leftMs = lengthOf(left);
  if (leftMs === null) return done;
  const buffer = bufferPercentage === null ? '' : ` (buffer ${bufferPercentage}%)`;
  const last = Math.max(...milestones.flatMap(({ due }) => (due === null ? [] : Date.parse(due))));
  if (!Number.isFinite(last)) return `${done}, ${describeDuration(leftMs)} left${buffer}`;
  const slack = last - now.getTime() - leftMs;
  const rest = slack < 0 ? `${duration(-slack)} more than there is time` : `slack ${duration(slack)}`;
  return `${done}, ${describeDuration(leftMs)} left, ${rest}${buffer}`;
}

/** Milliseconds; null when a step does not say how long it takes. */
export function lengthOf(path: Timeline['criticalPath']): number | null {
  return path.reduce<number | null>(
    (sum, { durationMs }) => (sum === null || durationMs === null ? null : sum + durationMs),
    0,
  );
}
