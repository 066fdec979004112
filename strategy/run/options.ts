/** What each answer does, in words, the same on every face. */
import type { DecisionKind, Option } from './decision.js';

/** One sentence: what happens when this option wins. */
export function describeOption(kind: DecisionKind, option: Option): string {
  switch (option) {
    case 'approve':
      if (kind === 'amendment')
        return 'The run takes the other plan, and stays paused until somebody resumes it.';
      return kind === 'rollback-approval'
        ? 'The rollback begins.'
        : 'The migration continues after this gate.';
    case 'reject':
      if (kind === 'amendment') return 'The run keeps its plan, and stays paused until somebody resumes it.';
      return kind === 'rollback-approval'
        ? 'Nothing is undone now.'
        : 'The gate fails. What the strategy says about a failed gate happens next.';
    case 'confirm':
      return 'Everything on the list is so.';
    case 'deny':
      return 'Something on the list is not so.';
    case 'done':
      return 'It was done by hand.';
    case 'failed':
      return 'It could not be done.';
    case 'verified':
      return 'The prerequisite holds.';
    case 'blocked':
      return 'The prerequisite does not hold.';
    case 'retry':
      return kind === 'inconclusive' ? 'It is evaluated again.' : 'It is tried again from where it stopped.';
    case 'pass':
      return 'It counts as holding, although the machine could not tell.';
    case 'fail':
      return 'It counts as failed.';
    case 'skip':
      return kind === 'undo-failure'
        ? 'It stays as it is, and the rollback continues.'
        : 'It is left as it is, and the migration continues without it.';
    case 'rollback-step':
      return 'This step is undone.';
    case 'rollback-phase':
      return 'The applied steps of this phase are undone, the youngest first.';
    case 'rollback-full':
      return 'Every applied step is undone, the youngest first.';
    case 'rollback':
      return 'The rollback of the strategy begins.';
    case 'rollback-further':
      return 'The next larger part is undone.';
    case 'abort':
      return 'The run ends here. What is applied stays.';
    case 'stop':
      return 'The rollback stops here. What is not undone stays.';
    case 'end':
      return 'The run ends here. What is still applied stays.';
    case 'happened':
      return 'The action took effect: it is not run again.';
    case 'did-not-happen':
      return 'The action had no effect: it is run.';
    case 'wait':
      return 'The run waits for the window.';
    case 'override':
      return 'The run continues outside the window.';
    case 'apply-source':
      return 'The rows of the target become as the source has them; extra rows are deleted. What they were is saved.';
    case 'keep-target':
      return 'The rows of the target stay as they are, and count as settled while neither side changes.';
    case 'custom':
      return 'Somebody sets the rows to the values in the reason. They are settled once the target has them.';
    default:
      return option satisfies never;
  }
}

/** Options that let the run continue as it was meant to: a face may show them first. */
const USUAL: ReadonlySet<Option> = new Set(['approve', 'confirm', 'done', 'verified', 'retry', 'happened']);

/** True for the answer that people give when all is well. */
export function isUsual(option: Option): boolean {
  return USUAL.has(option);
}

/** Options after which nobody can go back to where the run stands now. */
const FINAL: ReadonlySet<string> = new Set<Option>([
  'rollback-step',
  'rollback-phase',
  'rollback-full',
  'rollback',
  'rollback-further',
  'abort',
  'stop',
  'end',
]);

/** True when a face should ask once more before it sends the option. */
export function isFinal(option: string): boolean {
  return FINAL.has(option);
}
