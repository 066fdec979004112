/**
 * The people of the demo, as a process of their own: they look into `sluice inbox` and answer with `sluice approve` and
 * `sluice decide`, as anybody would at another terminal. A line on its input is the bell: then they look at once, else
 * now and then. Ends with its input.
 *
 * usage: node people.mjs SLUICE   (the command to run, with its engine in SLUICE_HOME)
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const [sluice] = process.argv.slice(2);

/** Who acts for a role; the bindings say the same. */
const HOLDERS = {
  'Data platform': 'dora',
  'Database lead': 'dora',
  'Shop operations': 'omar',
  'Shop lead': 'sam',
  'Product lead': 'pia',
  'Engineering director': 'eve',
  'DBA Team': 'dora',
  'DBA Lead': 'dora',
  'DevOps Team': 'omar',
  'On-call engineer': 'omar',
  'Engineering Manager': 'sam',
  'Product Team': 'pia',
  'Product Manager': 'pia',
  'VP Engineering': 'eve',
};
const ANYBODY = 'omar';
/** The bell tells them of every question; this is for one that was missed. */
const LOOK_EVERY_MS = 15_000;

/** What they answer: yes to what the machine found good; and once something went wrong, all the way back. */
const ANSWERS = {
  approval: 'approve',
  'rollback-approval': 'approve',
  confirm: 'confirm',
  manual: 'done',
  prerequisite: 'verified',
  failure: 'rollback-full',
  'after-rollback': 'rollback-further',
  inconclusive: 'retry',
};

const cast = new Set();
let rung = true;
let wake = () => undefined;
process.stdin.on('data', () => {
  rung = true;
  wake();
});
process.stdin.on('end', () => process.exit());
for (;;) {
  rung = false;
  const ballots = (await openDecisions()).flatMap(ballotsFor).filter(({ key }) => !cast.has(key));
  await Promise.all(ballots.map(vote));
  if (ballots.length === 0 && !rung) await bell();
}

/** Resolves when the bell rings, or after a few seconds. */
async function bell() {
  const rings = new Promise((resolve) => {
    wake = resolve;
  });
  await Promise.race([rings, sleep(LOOK_EVERY_MS)]);
}

async function openDecisions() {
  try {
    const { stdout } = await run(sluice, ['inbox', '--json']);
    return JSON.parse(stdout).entries;
  } catch {
    return []; // The engine is not up yet, or not any more; the next look tells.
  }
}

/** One ballot per vote that is missing. */
function ballotsFor({ run: id, decision }) {
  const option = ANSWERS[decision.kind];
  if (option === undefined || !decision.options.includes(option)) return [];
  const roles = decision.needs.length === 0 ? [null] : decision.needs.map(({ role }) => role);
  return roles
    .filter((role) => !decision.votes.some((given) => given.role === role))
    .map((role) => ({
      key: `${decision.id} ${decision.openedAt} ${role}`,
      args:
        option === 'approve'
          ? ['approve', id, decision.id, '--as', HOLDERS[role] ?? role ?? ANYBODY]
          : ['decide', id, decision.id, option, '--as', HOLDERS[role] ?? role ?? ANYBODY],
    }));
}

async function vote({ key, args }) {
  try {
    await run(sluice, args);
    cast.add(key);
    console.log(`sluice ${args.join(' ')}`);
  } catch (error) {
    console.log(`sluice ${args.join(' ')}: ${error.stderr?.trim() || error.message}`);
    await sleep(500);
  }
}
