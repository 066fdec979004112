import { sentences, type Text, type Texts } from '../document.js';
import type { Findings } from './findings.js';

interface Approving {
  readonly approval_required?: boolean | null | undefined;
  readonly approvers?: Texts;
}

/** Whether somebody is asked: when the file says so, and when it names approvers without saying that they are not. */
export function asksForApproval(approving: Approving): boolean {
  return approving.approval_required ?? sentences(approving.approvers).length > 0;
}

/**
 * An approval and its approvers agree: nobody could answer an approval without approvers, and approvers whose approval is
 * not required would wait for a question that never comes.
 * @param what what is approved, as a message calls it
 */
export function checkApproval(what: string, approving: Approving, pointer: string, findings: Findings): void {
  const approvers = sentences(approving.approvers);
  if (approving.approval_required === true && approvers.length === 0) {
    const message = `${what} requires an approval, but names no approver`;
    findings.error(
      'no-approvers',
      `${pointer}/approval_required`,
      message,
      'List the roles under "approvers".',
    );
  }
  if (approving.approval_required === false && approvers.length > 0) {
    const message = `${what} lists approvers, but says that no approval is required: nobody will be asked`;
    findings.warning(
      'idle-approvers',
      `${pointer}/approvers`,
      message,
      'Write "approval_required: true" or remove them.',
    );
  }
  const seen = new Set<string>();
  for (const [index, approver] of (approving.approvers ?? []).entries()) {
    if (approver === null) continue;
    if (seen.has(approver)) {
      const message = `${what} lists the approver "${approver}" twice`;
      findings.error(
        'duplicate-approver',
        `${pointer}/approvers/${index}`,
        message,
        'One vote per role: remove one.',
      );
    }
    seen.add(approver);
  }
}

/** A level that needs an approval says who decides. */
export function checkDecisionMaker(
  level: string,
  required: boolean,
  maker: Text,
  pointer: string,
  findings: Findings,
): void {
  if (!required || (maker && maker.trim() !== '')) return;
  const message = `the rollback level "${level}" requires an approval, but names no approver`;
  findings.error(
    'no-approvers',
    `${pointer}/approval_required`,
    message,
    'Name the role under "decision_maker".',
  );
}
