/** What a step printed, for its page: the end of it, or the lines that match, and not more than a browser likes. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { actionsWithoutLog, type JobLog, jobLogs } from '../client/logs.js';
import type { Sluice } from '../client/sluice.js';
import type { ShownLog, StepModel } from './pages/step.js';

/** Bytes of one log in a page, and of the matches in it. */
const MOST = 200_000;

/** The logs of this host and, from the record, the actions that left none here. */
export async function logsOf(
  client: Sluice,
  run: string,
  step: string,
  search: string,
): Promise<Pick<StepModel, 'logs' | 'actions'>> {
  const files = await jobLogs(client.home, run, step);
  const logs = await Promise.all(files.map((log) => (search === '' ? endOf(log) : matchesIn(log, search))));
  return { logs, actions: actionsWithoutLog(await client.events(run), step, files) };
}

async function endOf({ job, file }: JobLog): Promise<ShownLog> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, MOST);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return { job, text: buffer.toString('utf8', 0, bytesRead), omitted: size - length };
  } finally {
    await handle.close();
  }
}

/** The whole file is searched, line by line: a command may have printed more than fits into memory. */
async function matchesIn({ job, file }: JobLog, search: string): Promise<ShownLog> {
  const wanted = search.toLowerCase();
  const found: string[] = [];
  let kept = 0;
  let omitted = 0;
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    if (!line.toLowerCase().includes(wanted)) continue;
    found.push(line);
    kept += line.length + 1;
    while (kept > MOST && found.length > 1) {
      const dropped = (found.shift()?.length ?? 0) + 1;
      kept -= dropped;
      omitted += dropped;
    }
  }
  return { job, text: found.join('\n'), omitted };
}
