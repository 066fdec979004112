import { expect, it } from 'vitest';
import { excerpt, stepsOf } from '../../../strategy/run/excerpt.js';
import type { MigrationView } from '../../../strategy/run/view.js';
import { packView, unpackView } from '../../../strategy/run/view-codec.js';
import { wayBackOf } from '../../../strategy/run/way-back.js';
import { headOf, viewOf } from './sample.js';

const LIMIT = 2 * 1024 * 1024;

function worked(phases: Record<string, string[]>): MigrationView {
  const view = viewOf(phases);
  return {
    ...view,
    phases: view.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step, index) =>
        index % 2 === 0
          ? step
          : {
              ...step,
              status: 'completed',
              reason: 'Done.',
              attempts: 2,
              undone: 1,
              actionsDone: 3,
              startedAt: '2026-01-01T00:00:00.000Z',
              endedAt: '2026-01-01T00:00:01.000Z',
              output: 'x'.repeat(200),
              requirements: [{ text: 'holds', how: 'command', verdict: 'pass', evidence: 'seen' }],
            },
      ),
    })),
  };
}

it('a view is the same after the journey', () => {
  const phases = { P: ['A', 'B', 'C'], Q: ['D', 'E'] };
  const view = worked(phases);
  expect(unpackView(JSON.parse(JSON.stringify(packView(view))), headOf(phases))).toEqual(view);
});

it('a view of 10,000 steps fits into one payload and keeps all that decides how the run continues', () => {
  const phases = { P: Array.from({ length: 10_000 }, (_, index) => `STEP-${index}`) };
  const view = worked(phases);
  const packed = JSON.stringify(packView(view));
  expect(packed.length).toBeLessThan(LIMIT);
  const back = unpackView(JSON.parse(packed), headOf(phases));
  const essence = ({
    id,
    status,
    attempts,
    undone,
    actionsDone,
  }: MigrationView['phases'][number]['steps'][number]) => [id, status, attempts, undone, actionsDone];
  expect(back.phases[0]?.steps.map(essence)).toEqual(view.phases[0]?.steps.map(essence));
});

it('steps that printed much fit into one payload and into pages, whatever they printed', () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `STEP-${index}`);
  const quiet = worked({ P: ids });
  // Three bytes a character: the most that JSON of a valid text takes.
  const view = {
    ...quiet,
    phases: quiet.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step) => ({ ...step, output: '\u20ac'.repeat(1_365) })),
    })),
  };
  expect(Buffer.byteLength(JSON.stringify(packView(view)))).toBeLessThan(LIMIT);
  expect(excerpt(view).phases[0]?.steps).toEqual([]);
  const told = [];
  for (;;) {
    const page = stepsOf(view, 'P', told.length);
    if (page.length === 0) break;
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(LIMIT);
    told.push(...page);
  }
  expect(told).toEqual(view.phases[0]?.steps);
});

it('a large view is told in pages that fit into a reply and make the whole', () => {
  const view = worked({ P: Array.from({ length: 2500 }, (_, index) => `STEP-${index}`) });
  const summary = excerpt(view).phases[0];
  expect(summary?.steps).toEqual([]);
  expect(summary?.omitted).toEqual({ steps: 2500, done: 1250 });
  const pages = [0, 1000, 2000].map((from) => stepsOf(view, 'P', from));
  for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(LIMIT);
  expect(pages.flat()).toEqual(view.phases[0]?.steps);
  const small = worked({ P: ['A', 'B'] });
  expect(excerpt(small)).toBe(small);
});

it('a summary lists the steps that something happens to, the next of the way back, and every point of no return', () => {
  const ids = Array.from({ length: 1500 }, (_, index) => `STEP-${index}`);
  const view = worked({ P: ids });
  const busy: MigrationView = {
    ...view,
    applied: ids,
    phases: view.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step, index) => ({
        ...step,
        undo: index === 3 ? 'impossible' : 'actions',
        status: index === 1499 ? 'running' : 'completed',
      })),
    })),
  };
  const summary = excerpt({ ...busy, wayBack: wayBackOf(busy) });
  expect(summary.phases[0]?.steps.map(({ id }) => id)).toEqual(['STEP-1499']);
  expect(summary.phases[0]?.omitted).toEqual({ steps: 1499, done: 1499 });
  expect(summary.wayBack[0]).toEqual({ step: 'STEP-1499', undo: 'actions', irreversible: false });
  expect(summary.wayBack.at(-1)).toEqual({ step: 'STEP-3', undo: 'impossible', irreversible: true });
  expect(summary.wayBack.length).toBeLessThan(150);
});
