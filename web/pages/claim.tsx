/** Who is on a decision, and the button that says so. A claim restricts nobody. */
import { shellWord } from '../../strategy/run/answers.js';
import type { ClaimCommand } from '../../strategy/run/claim.js';
import type { Decision } from '../../strategy/run/decision.js';
import { decisionPath } from '../paths.js';
import { CommandLine } from './command-line.js';
import { type Signing, SignState, signedBy } from './signing.js';

export interface ClaimModel {
  readonly command: ClaimCommand['command'];
  /** Why the viewer may not; null when they may. */
  readonly refusal: string | null;
  readonly token: string;
  /** What the browser signs; null where names count as claimed. */
  readonly signing: Signing | null;
}

const LABELS: Readonly<Record<ClaimCommand['command'], string>> = {
  claim: 'I am on it',
  'take-over': 'Take it over',
  release: 'I am no longer on it',
};

export function ClaimForm({
  run,
  decision: { id, claimedBy },
  model: { command, refusal, token, signing },
}: {
  readonly run: string;
  readonly decision: Decision;
  readonly model: ClaimModel;
}) {
  const verb = command === 'take-over' ? 'claim' : command;
  return (
    <div id="claim">
      <p>
        {claimedBy === null ? 'Nobody has said that they are on it.' : <strong>{claimedBy} is on it.</strong>}{' '}
        <span class="dim">Others who may vote still can.</span>
      </p>
      {refusal !== null && <p class="dim">{refusal}</p>}
      {refusal === null && (
        <form
          id={`claim-${command}`}
          method="post"
          action={`${decisionPath(run, id)}/claim/${command}`}
          {...signedBy(signing)}
        >
          <input type="hidden" name="token" value={token} />
          <SignState signing={signing} />
          <button type="submit" disabled={signing !== null}>
            {LABELS[command]}
          </button>
        </form>
      )}
      <CommandLine
        command={`sluice ${verb} ${shellWord(run)} ${shellWord(id)}${command === 'take-over' ? ' --take-over' : ''} --as NAME`}
      />
    </div>
  );
}
