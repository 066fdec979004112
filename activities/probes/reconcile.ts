/** Compares both sides of a data migration. What differs is in a file beside the record of the run. */
import { randomInt } from 'node:crypto';
import pg from 'pg';
import type { ProbeOf } from '../../strategy/kinds/probes/kind.js';
import { differencesFile } from '../../strategy/layout.js';
import { judge } from '../../strategy/reconcile/result.js';
import { writeDifferences } from '../reconcile/differences.js';
import { countComparison, countFailure } from '../reconcile/metrics.js';
import { reconcile } from '../reconcile/reconcile.js';
import { serverMessage } from '../sql/failure.js';
import { OtherDatabase } from '../sql/identity.js';
import { ConnectionLost, withSession } from '../sql/session.js';
import { targetOf } from '../sql/target.js';
import {
  type Evaluator,
  inconclusive,
  type ProbeContext,
  type ProbeResult,
  redactedLine,
} from './verdict.js';

export const evaluateReconcile: Evaluator<ProbeOf<'reconcile'>> = async (probe, context) => {
  let compared = false;
  const onCompared = (): void => {
    compared = true;
  };
  try {
    return await evaluate(probe, context, onCompared);
  } finally {
    if (!compared) countFailure(probe.item, 'check');
  }
};

async function evaluate(
  probe: ProbeOf<'reconcile'>,
  context: ProbeContext,
  onCompared: () => void,
): Promise<ProbeResult> {
  const began = Date.now();
  const source = await targetOf(context.run, probe.source, context.env);
  const target = await targetOf(context.run, probe.target, context.env);
  try {
    const settings = { limitMs: context.timeoutMs, seed: randomInt(2 ** 31), scope: context.run };
    const found = await withSession(source, (there) =>
      withSession(target, (here) => reconcile(probe, { source: there, target: here }, settings)),
    );
    if (found === null) return inconclusive('the comparison was interrupted');
    onCompared();
    countComparison(probe.item, 'check', found.findings, Date.now() - began);
    const { verdict, lines } = judge(probe, found.findings);
    const { run } = context.run;
    const file = differencesFile(context.home, run, probe.item, new Date().toISOString());
    if (found.differences.length > 0) await writeDifferences(file, found.differences);
    const keys = found.differences.length === 0 ? [] : [`keys in ${file}`];
    return { verdict, evidence: redactedLine(context, [...lines, ...keys].join('; '), LONGEST) };
  } catch (error) {
    if (error instanceof ConnectionLost)
      return inconclusive(`a database could not be reached: ${redactedLine(context, error.message)}`);
    if (error instanceof OtherDatabase) return inconclusive(error.message);
    if (error instanceof pg.DatabaseError) return inconclusive(redactedLine(context, serverMessage(error)));
    throw error;
  }
}

/** Characters of evidence: several tables, each with what differs. */
const LONGEST = 2_000;
