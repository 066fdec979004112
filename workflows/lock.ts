/**
 * The lock of one system. It lives while somebody claims it. While somebody waits, an activity watches whether the run that
 * holds it is still open, so that a run which was killed or terminated cannot keep the lock.
 */
import {
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/contract.js';
import {
  type Claim,
  isSame,
  LOCK_SIGNALS,
  LOCK_TOLD,
  type LockInput,
  type LockTold,
  TOLD,
  waitAt,
  withClaim,
  withoutClaim,
} from '../strategy/run/lock.js';

const { untilRunEnds } = proxyActivities<Pick<Activities, 'untilRunEnds'>>({
  startToCloseTimeout: '365d',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

/** The `lock` workflow. */
export async function lock(input: LockInput): Promise<void> {
  const held = new Lock(input);
  setHandler(defineSignal<[Claim]>(LOCK_SIGNALS.claim), (claim) => held.add(claim));
  setHandler(defineSignal<[Claim]>(LOCK_SIGNALS.release), (claim) => held.remove(claim));
  // Whoever starts a lock signals it with the start; after a continue-as-new the claims come along.
  await condition(() => held.changed || held.claims.length > 0);
  while (held.claims.length > 0) {
    held.changed = false;
    await held.tellAll();
    held.watchHolder();
    if (held.claims.length === 0) break;
    if (workflowInfo().continueAsNewSuggested && !held.changed) {
      await continueAsNew<typeof lock>({ name: input.name, claims: held.claims });
    }
    await condition(() => held.changed);
  }
}

class Lock {
  claims: readonly Claim[];
  changed = false;
  private readonly name: string;
  /** What each claim was told last. */
  private readonly told = new Map<string, string>();
  private watch: { readonly holder: Claim; readonly scope: CancellationScope } | null = null;

  constructor({ name, claims }: LockInput) {
    this.name = name;
    this.claims = claims;
  }

  /** A run that claims once more has not heard, and is told again. */
  add(claim: Claim): void {
    this.claims = withClaim(this.claims, claim);
    this.told.delete(claim.execution);
    this.changed = true;
  }

  remove(claim: Claim): void {
    this.claims = withoutClaim(this.claims, claim);
    this.told.delete(claim.execution);
    this.changed = true;
  }

  /** The first ones hear of every change, the others once. A run that cannot be told is gone. */
  async tellAll(): Promise<void> {
    const due = this.claims.filter((claim, place) => place <= TOLD || !this.told.has(claim.execution));
    for (const claim of due) await this.tell(claim);
  }

  private async tell(claim: Claim): Promise<void> {
    const place = this.claims.findIndex((known) => isSame(known, claim));
    if (place === -1) return;
    const wait = waitAt(this.name, this.claims, place);
    const text = JSON.stringify(wait);
    if (this.told.get(claim.execution) === text) return;
    this.told.set(claim.execution, text);
    const message: LockTold = { lock: this.name, execution: claim.execution, wait };
    try {
      await getExternalWorkflowHandle(claim.run).signal(LOCK_TOLD, message);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.remove(claim);
    }
  }

  /** Nobody needs to know whether the holder is there while nobody waits. */
  watchHolder(): void {
    const [holder, waiting] = this.claims;
    const wanted = waiting === undefined ? undefined : holder;
    if (wanted !== undefined && this.watch !== null && isSame(this.watch.holder, wanted)) return;
    this.watch?.scope.cancel();
    this.watch = null;
    if (wanted === undefined) return;
    const scope = new CancellationScope();
    this.watch = { holder: wanted, scope };
    void scope.run(async () => {
      try {
        await untilRunEnds(wanted);
        this.remove(wanted);
      } catch (error) {
        if (!isCancellation(error)) throw error;
      }
    });
  }
}
