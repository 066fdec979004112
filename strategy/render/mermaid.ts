/** A plan as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html): the way forward, and every way back. */
import type { Plan, PlannedGate, PlannedPhase, PlannedStep } from '../plan.js';
import { gatesAfter } from '../run/gates.js';
import { describeUndo } from './undo.js';

/** Lines end with "\n". Solid arrows go forward, dotted ones undo; red nodes are points of no return. */
export function renderMermaid(plan: Plan): string {
  const nodes = nodesOf(plan);
  return `${[
    'flowchart TD',
    '  start(["start"])',
    ...plan.phases.flatMap((phase) => [
      `  subgraph ${idOf('phase', phase.id)}["${escaped(`${phase.id}: ${phase.name}`)}"]`,
      ...nodes.filter((node) => node.phase === phase.id).map((node) => `    ${node.id}${node.shape}`),
      '  end',
    ]),
    '  completion(["completion"])',
    ...chain(['start', ...nodes.map(({ id }) => id), 'completion']),
    ...waysBack(plan),
    '  classDef irreversible stroke:#c00,stroke-width:3px',
    ...nodes.filter(({ irreversible }) => irreversible).map(({ id }) => `  class ${id} irreversible`),
  ].join('\n')}\n`;
}

interface Node {
  readonly id: string;
  readonly phase: string;
  /** Its label in brackets that say what it is: a box for a step, a rhombus for a gate. */
  readonly shape: string;
  readonly irreversible: boolean;
}

function nodesOf(plan: Plan): readonly Node[] {
  return plan.phases.flatMap((phase) => [
    ...gatesAfter(phase, null).map((gate) => nodeOfGate(phase, gate)),
    ...phase.steps.flatMap((step) => [
      {
        id: idOf('step', step.id),
        phase: phase.id,
        shape: `["${escaped(`${step.id}: ${step.name}`)}"]`,
        irreversible: isIrreversible(step) || phase.pointOfNoReturn,
      },
      ...gatesAfter(phase, step.id).map((gate) => nodeOfGate(phase, gate)),
    ]),
    ...(phase.gate === null ? [] : [nodeOfGate(phase, phase.gate)]),
  ]);
}

function nodeOfGate(phase: PlannedPhase, gate: PlannedGate): Node {
  return {
    id: idOf('gate', gate.id),
    phase: phase.id,
    shape: `{"${escaped([gate.id, ...(gate.approval?.approvers ?? [])].join('<br>'))}"}`,
    irreversible: false,
  };
}

function chain(ids: readonly string[]): string[] {
  return ids.slice(1).map((id, index) => `  ${ids[index]} --> ${id}`);
}

/** From each step that has something to undo to what is left when it is undone. */
function waysBack(plan: Plan): string[] {
  const steps = plan.phases.flatMap((phase) => phase.steps);
  return steps.flatMap((step, index) => {
    if (isIrreversible(step) || step.undo.kind === 'nothing') return [];
    const before = steps[index - 1];
    const target = before === undefined ? 'start' : idOf('step', before.id);
    return [`  ${idOf('step', step.id)} -. "${escaped(describeUndo(step.undo))}" .-> ${target}`];
  });
}

function isIrreversible(step: PlannedStep): boolean {
  return step.undo.kind === 'impossible';
}

/** Ids of Mermaid are plain words: everything else in an id of the file is written as its code point. */
function idOf(kind: string, id: string): string {
  const plain = id.replace(/[^A-Za-z0-9]/gu, (letter) => `_${letter.codePointAt(0)?.toString(16) ?? ''}_`);
  return `${kind}_${plain}`;
}

const LONGEST_LABEL = 80;

/** As Mermaid's own entity codes, so that a text cannot end its label; "<br>" is kept. */
function escaped(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const short = line.length <= LONGEST_LABEL ? line : `${line.slice(0, LONGEST_LABEL - 3)}...`;
  return short
    .split('<br>')
    .map((part) => part.replace(/["<>#;&`]/g, (letter) => `#${letter.charCodeAt(0)};`))
    .join('<br>');
}
