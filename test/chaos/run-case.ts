/** One run from its submission to its end, with people who answer what it asks. */
import { setTimeout as pause } from 'node:timers/promises';
import { SluiceError } from '../../client/error.js';
import type { Decision } from '../../strategy/run/decision.js';
import type { RunEvent } from '../../strategy/run/event.js';
import type { RunStatus } from '../../strategy/run/view.js';
import { answerTo } from './actor.js';
import type { Case } from './cases.js';
import { type Evidence, judge, type Verdict } from './judge.js';
import type { Random } from './random.js';
import { condition, persist, recorded, type TestBed } from './test-bed.js';

export interface Watching {
  onEvent(run: string, event: RunEvent): void;
  /** A question was answered. */
  onAnswer(decision: Decision, option: string): void;
}

export interface CaseResult extends Verdict {
  readonly run: string;
  readonly status: RunStatus;
  readonly events: readonly RunEvent[];
}

/** @throws Error when the run has not ended by then: what it waits for is told */
export async function runCase(
  testBed: TestBed,
  given: Case,
  random: Random,
  watching: Watching,
  patience: AbortSignal,
): Promise<CaseResult> {
  const { run, plan, workspace, onFailure } = given;
  await testBed.ledger.prepareRun(run);
  await persist(() => testBed.sluice.submit(plan, { workspace, by: 'chaos', id: run, onFailure }));
  const events: RunEvent[] = [];
  const acknowledged: string[] = [];
  const answers: Promise<void>[] = [];
  let status: RunStatus | null = null;
  while (status === null) {
    try {
      for await (const event of testBed.sluice.follow(run, { from: events.length, signal: patience })) {
        events.push(event);
        watching.onEvent(run, event);
        if (event.type === 'decision-opened') {
          answers.push(
            answer(testBed, given, event.decision, events, random, watching, acknowledged, patience),
          );
        }
        if (event.type === 'run-ended') status = event.status;
      }
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      await pause(200);
    }
    if (patience.aborted && status === null) throw await stuck(testBed, run);
  }
  await Promise.all(answers);
  const evidence: Evidence = {
    ...{ run, status, events, acknowledged },
    effects: await testBed.ledger.effects(given),
    commands: testBed.ledger.commands(given),
    index: await testBed.ledger.index(run),
    recorded: await record(testBed, run),
    total: (await persist(() => testBed.sluice.view(run))).seq,
  };
  return { run, status, events, ...judge(evidence) };
}

/** The record file, once the run that writes it is closed. */
async function record(testBed: TestBed, run: string): Promise<readonly number[]> {
  await persist(async () => {
    const { status } = await testBed.temporal.workflow.getHandle(run).describe();
    if (status.name === 'RUNNING') throw new Error(`${run} is not closed.`);
  });
  return recorded(testBed.home, run);
}

async function stuck(testBed: TestBed, run: string): Promise<Error> {
  try {
    const view = await persist(() => testBed.sluice.view(run));
    const open = view.decisions.map(({ id }) => id).join(', ') || 'nothing';
    return new Error(`${run} has not ended. It is ${view.status}: ${view.reason} Open: ${open}.`);
  } catch (error) {
    return new Error(`${run} has not ended, and does not answer: ${String(error)}\n${condition(testBed)}`);
  }
}

/** Answers until the question is closed: the first vote, or the news that it counts, may be lost in a kill. */
async function answer(
  testBed: TestBed,
  given: Case,
  decision: Decision,
  events: readonly RunEvent[],
  random: Random,
  watching: Watching,
  acknowledged: string[],
  patience: AbortSignal,
): Promise<void> {
  const { run } = given;
  const whim = random.next();
  const bySignal = random.chance(0.4);
  // The truth does not change any more: whatever may still act is over before somebody is asked.
  const said = answerTo(decision, [...events], await testBed.ledger.effects(given), whim);
  watching.onAnswer(decision, said.option);
  const ballot = { decision: decision.id, ...said };
  const closed = () =>
    events.some((event) => event.type === 'decision-closed' && event.decision === decision.id);
  while (!closed() && !patience.aborted) {
    try {
      if (bySignal) {
        await testBed.temporal.workflow.getHandle(run).signal('decide', ballot);
      } else {
        await testBed.sluice.decide(run, ballot);
        acknowledged.push(`${decision.id} by ${said.by}`);
      }
    } catch (error) {
      // The engine or the workers are away, or an earlier vote of ours has counted after all: the record tells.
      if (!(error instanceof Error)) throw error;
    }
    for (let waited = 0; waited < 20 && !closed() && !patience.aborted; waited += 1) await pause(100);
  }
}
