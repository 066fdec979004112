/** Watches a subscription, which the server of the subscriber carries out by itself. */
import type { StreamAction } from '../../../strategy/plan.js';
import { quotedTable } from '../rows/table.js';
import type { Direction } from './objects.js';
import { Stopped } from './setting.js';
import type { Copied, Watch } from './watch.js';

/** How often the subscriber may fail in a row without any progress. It tries every 5 s. */
const MOST_ERRORS = 3;

/** Counts the failures of a subscriber since it last came on. */
export class SubscriberWatch implements Watch {
  #progress = '';
  #errors: number | null = null;

  constructor(
    readonly direction: Pick<Direction, 'subscriber' | 'name'>,
    readonly action: Pick<StreamAction, 'tables'>,
  ) {}

  async copied(): Promise<Copied> {
    const { subscriber, name } = this.direction;
    const { tables } = this.action;
    const [row] = (
      await subscriber.query(
        `select count(*)::text as known, count(*) filter (where r.srsubstate = 'r')::text as ready,
    coalesce(sum(coalesce(p.tuples_processed, greatest(s.n_tup_ins, 0))), 0)::text as rows
  from pg_subscription_rel r join pg_subscription u on u.oid = r.srsubid
    left join pg_stat_progress_copy p on p.relid = r.srrelid and p.datname = current_database()
    left join pg_stat_user_tables s on s.relid = r.srrelid
  where u.subname = $1`,
        [name],
      )
    ).rows;
    if (Number(row?.known ?? 0) < tables.length) {
      throw new Stopped(
        `The subscription ${name} does not carry all of ${tables.map(quotedTable).join(', ')}: somebody changed it. Roll the step back, and run it again.`,
      );
    }
    return { ready: Number(row?.ready ?? 0), rows: Number(row?.rows ?? 0) };
  }

  /** @param progress anything that changes whenever it comes on. Throws `Stopped`. */
  async look(progress: string): Promise<void> {
    const { subscriber, name } = this.direction;
    const [row] = (
      await subscriber.query(
        `select s.subenabled::text as enabled, (coalesce(t.apply_error_count, 0) + coalesce(t.sync_error_count, 0))::text as errors
  from pg_subscription s left join pg_stat_subscription_stats t on t.subid = s.oid where s.subname = $1`,
        [name],
      )
    ).rows;
    if (row === undefined) {
      throw new Stopped(
        `The subscription ${name} is gone: somebody dropped it. Roll the step back, and run it again.`,
      );
    }
    if (row.enabled === 'false') {
      throw new Stopped(
        `The subscription ${name} is disabled. Enable it (alter subscription ${name} enable), and retry; it goes on where it was.`,
      );
    }
    const errors = Number(row.errors ?? 0);
    if (this.#errors === null || progress !== this.#progress) {
      this.#errors = errors;
      this.#progress = progress;
    } else if (errors - this.#errors >= MOST_ERRORS) {
      throw new Stopped(
        `The subscription ${name} failed ${errors - this.#errors} times in a row. The log of its server says why: a row that breaks a constraint or does not fit its column, a column that is missing, a rule that fails, or a server that cannot be reached. Correct it, and retry: it goes on where it was, and nothing is lost.`,
      );
    }
  }
}
