/** Sets the limit of a copy or change that is under way, where it keeps how far it is: every batch reads it there. */
import pg from 'pg';
import type { Throttled, ThrottleJob } from '../../contract.js';
import type { Dependencies } from '../../dependencies.js';
import { redact } from '../../redact.js';
import { Refusal } from '../../refusal.js';
import { secretForms, UnresolvedReference } from '../../secrets.js';
import { causeOf } from '../../sql/failure.js';
import { ConnectionLost, withSession } from '../../sql/session.js';
import { targetOf } from '../../sql/target.js';

const UPDATE = `with throttled as (
  update sluice.transfer set rate = $3 where run = $1 and step = $2 and state in ('applying', 'undoing') returning source
) select distinct source as name from throttled order by 1`;

/** A batch holds its row while it is written: well above its half second, and below what a person waits for. */
const LOCK = "set lock_timeout = '5s'";

/** Sets it for every table of the step that is under way; a repeat sets it again. */
export async function throttleRows(
  { env }: Dependencies,
  { context, connection, step, ratePerSecond }: ThrottleJob,
): Promise<Throttled> {
  const forms = await secretForms(context, env);
  try {
    const target = await targetOf(context, connection, env);
    try {
      const tables = await withSession(target, async (session) => {
        const [known] = (await session.query("select to_regclass('sluice.transfer')::text as name")).rows;
        if (known?.name == null) return [];
        await session.query(LOCK);
        return (await session.query(UPDATE, [context.run, step, ratePerSecond])).rows;
      });
      return { tables: tables.map(({ name }) => name ?? '') };
    } catch (error) {
      if (error instanceof ConnectionLost)
        throw new Refusal(`The database ${target.name} cannot be reached: ${error.message}.`);
      if (error instanceof pg.DatabaseError) throw new Refusal(causeOf(error, target, false));
      throw error;
    }
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof UnresolvedReference)) throw error;
    return { why: redact(forms, error.message) };
  }
}
