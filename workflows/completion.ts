/** The completion: the success criteria of the whole migration, and its own approval. */
import { passGateway } from './gate.js';
import type { Run } from './run.js';

export async function completion(run: Run): Promise<void> {
  if (run.view.completion.status === 'passed') return;
  await run.notPaused();
  const { requirements, approval, whileAsked } = run.plan.completion;
  await passGateway(run, {
    kind: 'completion',
    subject: { kind: 'completion', id: 'completion' },
    phase: null,
    title: 'the completion of the migration',
    requirements,
    approval,
    whileAsked,
    setStatus: (status, reason) => run.emit({ type: 'completion-status', status, reason }),
  });
}
