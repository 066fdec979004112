/** The run as a tree of phases and steps. Pure: the view in, lines out. */

import { elapsed } from '../../strategy/render/elapsed.js';
import { describeFollowUp, isSettled } from '../../strategy/run/afterwards.js';
import { shellWord } from '../../strategy/run/answers.js';
import type { Decision, Vote } from '../../strategy/run/decision.js';
import { progressOf } from '../../strategy/run/excerpt.js';
import { gatesAfter } from '../../strategy/run/gates.js';
import { type AnyStatus, glyph, shownPhaseStatus, statusLabel } from '../../strategy/run/labels.js';
import type {
  GateView,
  MigrationView,
  PhaseView,
  PrerequisiteView,
  StepView,
} from '../../strategy/run/view.js';
import { describeCaster } from '../../strategy/run/voted.js';
import { type Paint, plain } from '../terminal.js';
import { answerLines, headOf, shownFirst } from './decision.js';
import { cut, oneLine } from './text.js';

export interface Canvas {
  /** Columns; longer lines are cut. */
  readonly width: number;
  /** Lines; null: as many as it takes. */
  readonly height: number | null;
  readonly now: Date;
  readonly paint?: Paint;
}

/** `quiet` lines give way first when the tree is taller than the terminal. */
interface Line {
  readonly text: string;
  readonly quiet: boolean;
}

/** The lines that always stay at the top. */
const HEADLINE = 2;

interface Brush {
  readonly paint: Paint;
  readonly width: number;
  readonly now: Date;
}

/** Draws the run: headline, prerequisites, phases with steps and gates, completion, open decisions. */
export function drawTree(view: MigrationView, canvas: Canvas): string[] {
  const brush: Brush = { paint: canvas.paint ?? plain, width: canvas.width, now: canvas.now };
  const lines = [
    ...headline(view, brush),
    ...view.prerequisites.map((each) => prerequisiteLine(each, brush)),
    ...view.phases.flatMap((phase) => phaseLines(phase, view, brush)),
    ...completionLines(view, brush),
    ...afterwardsLines(view, brush),
    ...view.decisions.flatMap((decision) => decisionLines(view, decision, brush)),
  ];
  if (canvas.height === null) return lines.map((line) => line.text);
  const head = lines.slice(0, HEADLINE).map((line) => line.text);
  return [...head, ...squeeze(lines.slice(HEADLINE), canvas.height - HEADLINE, brush)];
}

function headline(view: MigrationView, brush: Brush): Line[] {
  const { strategy, run, status, compress } = view;
  const time = elapsed(view.startedAt, view.endedAt, brush.now);
  const trial = compress === 1 ? '' : ` · time divided by ${compress}`;
  const text = `${strategy.name} ${strategy.version} · run ${run} · ${statusLabel(status)} · ${time}${trial}`;
  return [
    { text: brush.paint('strong', cut(text, brush.width)), quiet: false },
    { text: cut(`  ${oneLine(view.reason)}`, brush.width), quiet: false },
  ];
}

function prerequisiteLine(each: PrerequisiteView, brush: Brush): Line {
  const settled = each.status === 'verified' || each.status === 'pending';
  return row(0, each.status, `${each.id} ${each.name}`, settled ? '' : each.reason, '', brush);
}

function phaseLines(phase: PhaseView, view: MigrationView, brush: Brush): Line[] {
  const { done, all } = progressOf(phase);
  const progress = `${done}/${all}`;
  const why = phase.status === 'waiting' || phase.status === 'failed' ? phase.reason : '';
  const head = row(0, shownPhaseStatus(phase, view), `${phase.id} ${phase.name}`, why, progress, brush);
  const gate = phase.gate === null ? [] : gateLines(phase.gate, brush);
  const gatesBehind = (step: string | null) =>
    gatesAfter(phase, step).flatMap((placed) => gateLines(placed, brush));
  const steps = phase.steps.flatMap((step) => {
    const known = view.progress.find((progress) => progress.step === step.id);
    return [stepLine(step, known?.sentence ?? step.reason, brush), ...gatesBehind(step.id)];
  });
  const shown = new Set<string | null>([null, ...phase.steps.map(({ id }) => id)]);
  const others = (phase.gates ?? []).filter(({ after }) => !shown.has(after));
  const behindOmitted = others.flatMap((placed) => gateLines(placed, brush));
  return [{ ...head, quiet: false }, ...gatesBehind(null), ...steps, ...behindOmitted, ...gate];
}

function stepLine(step: StepView, reason: string, brush: Brush): Line {
  const settled = step.status === 'pending' || step.status === 'completed';
  const again = step.attempts > 1 ? ` (attempt ${step.attempts})` : '';
  const time = elapsed(step.startedAt, step.endedAt, brush.now);
  return row(1, step.status, `${step.id} ${step.name}${again}`, settled ? '' : reason, time, brush);
}

function gateLines(gate: GateView, brush: Brush): Line[] {
  const settled = gate.status === 'pending' || gate.status === 'passed';
  const head = row(1, gate.status, `${gate.id} ${gate.name}`, settled ? '' : gate.reason, 'gate', brush);
  return [head, ...gate.votes.map((vote) => voteLine(vote, brush))];
}

function voteLine(vote: Vote, brush: Brush): Line {
  const why = vote.reason === null ? '' : `: ${oneLine(vote.reason)}`;
  return {
    text: brush.paint(
      'dim',
      cut(`      ${oneLine(describeCaster(vote))} voted ${vote.option}${why}`, brush.width),
    ),
    quiet: true,
  };
}

function completionLines(view: MigrationView, brush: Brush): Line[] {
  const { status, reason, votes } = view.completion;
  const settled = status === 'pending' || status === 'passed';
  return [
    row(0, status, 'completion', settled ? '' : reason, '', brush),
    ...votes.map((vote) => voteLine(vote, brush)),
  ];
}

function afterwardsLines({ afterwards }: MigrationView, brush: Brush): Line[] {
  if (afterwards === undefined || afterwards.followUps.length === 0) return [];
  const { status, followUps } = afterwards;
  const done = followUps.filter(isSettled).length;
  const side = `${done}/${followUps.length}${status === 'open' ? ' · still watched' : ''}`;
  const head = row(0, FOLLOWED[status], 'afterwards', '', side, brush);
  return [
    { ...head, quiet: status !== 'open' },
    ...followUps.map((each) => {
      const why = each.status === 'completed' ? '' : describeFollowUp(each);
      return row(1, each.status, `${each.id} ${each.name}`, why, '', brush);
    }),
  ];
}

const FOLLOWED = { pending: 'pending', beginning: 'pending', open: 'running', over: 'completed' } as const;

function decisionLines(view: MigrationView, decision: Decision, brush: Brush): Line[] {
  const { run } = view;
  const first = shownFirst(decision).map((text) => ({ text: cut(`  ${text}`, brush.width), quiet: true }));
  const loud = (text: string): Line => ({ text, quiet: false });
  return [
    loud(''),
    loud(brush.paint('asks', cut(headOf(decision, brush.now), brush.width))),
    loud(cut(`  ${oneLine(decision.question)}`, brush.width)),
    ...first,
    ...answerLines(run, decision, brush.paint).map(loud),
    ...outputLine(view, decision, brush).map(loud),
  ];
}

/** Where the output of a step is that failed: what whoever decides looks at first. */
function outputLine({ run, phases }: MigrationView, { kind, subject }: Decision, brush: Brush): string[] {
  const about = kind === 'failure' || kind === 'undo-failure' || kind === 'unknown-outcome';
  const isStep = phases.some(({ steps }) => steps.some(({ id }) => id === subject));
  if (!about || !isStep) return [];
  return [brush.paint('dim', `    sluice logs ${shellWord(run)} ${shellWord(subject)}   shows its output`)];
}

function row(depth: number, status: AnyStatus, name: string, why: string, side: string, brush: Brush): Line {
  const { sign, tone } = glyph(status);
  const quiet =
    status === 'pending' || status === 'completed' || status === 'verified' || status === 'passed';
  const indent = '  '.repeat(depth);
  const tail = [quiet ? '' : statusLabel(status), side].filter((part) => part !== '').join(' · ');
  const rest = [tail, oneLine(why)].filter((part) => part !== '').join(' · ');
  const room = Math.max(0, brush.width - indent.length - sign.length - 1);
  const text = cut(rest === '' ? oneLine(name) : `${oneLine(name)}  ${rest}`, room);
  const shown = text.slice(0, oneLine(name).length);
  return {
    text: `${indent}${brush.paint(tone, sign)} ${shown}${brush.paint('dim', text.slice(shown.length))}`,
    quiet,
  };
}

/**
 * Leaves out quiet lines, the ones farthest from the loud ones first, until the rest is `height` lines. Among equals
 * the later ones stay, since open decisions stand at the end.
 */
function squeeze(lines: readonly Line[], height: number, brush: Brush): string[] {
  if (lines.length <= height) return lines.map((line) => line.text);
  const distance = distances(lines);
  const ranked = lines
    .map((_, index) => index)
    .sort((a, b) => (distance[a] ?? 0) - (distance[b] ?? 0) || b - a);
  const kept = new Set(ranked.slice(0, Math.max(1, height - 1)));
  const left = lines.length - kept.size;
  const shown = lines.filter((_, index) => kept.has(index)).map((line) => line.text);
  return [
    ...shown,
    brush.paint('dim', cut(`… ${left} more lines; the whole tree: sluice status`, brush.width)),
  ];
}

function distances(lines: readonly Line[]): number[] {
  const result = lines.map((line) => (line.quiet ? lines.length : 0));
  for (let i = 1; i < result.length; i++) result[i] = Math.min(result[i] ?? 0, (result[i - 1] ?? 0) + 1);
  for (let i = result.length - 2; i >= 0; i--) result[i] = Math.min(result[i] ?? 0, (result[i + 1] ?? 0) + 1);
  return result;
}
