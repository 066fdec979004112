/**
 * Stands in for kubectl: a deployment is one process of the shop. `apply` starts the program that the manifest's image
 * names, `delete` ends it. All of it may be repeated.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { load } from 'js-yaml';
import { readIfThere, remove, writeWhole } from './home.mjs';
import { pidOf, running, start, stop, untilHealthy } from './processes.mjs';

/** A change begins when the one before is done, even if nobody waits for that one any more. */
let latest = Promise.resolve();

/** @param {readonly string[]} args as at the command line @returns {Promise<string>} what it prints @throws why not */
export async function kubectl(shop, args) {
  const line = args.join(' ');
  try {
    if (!/^(apply|delete|rollout undo) /.test(line)) return await show(shop, line);
    const change = latest.then(() => act(shop, line));
    latest = change.catch(() => undefined);
    return await change;
  } catch (error) {
    throw new Error(`kubectl (the shop's stand-in): ${error.message}`);
  }
}

async function show({ home }, line) {
  if (line === 'get pods')
    return running(home)
      .map((pod) => `${pod}  Running  pid ${pidOf(home, pod)}`)
      .join('\n');
  const name = /^rollout status deployment\/([\w-]+)$/.exec(line)?.[1];
  if (name === undefined)
    throw new Error('it knows apply -f, delete -f, rollout status, rollout undo and get pods');
  await untilHealthy(home, name);
  return `deployment "${name}" successfully rolled out`;
}

async function act({ home, folder }, line) {
  // The first revision has none before it to go back to, so undoing it takes it away.
  const undone = /^rollout undo deployment\/([\w-]+)$/.exec(line)?.[1];
  if (undone !== undefined) return take(home, undone, 'rolled back');
  const [, verb, file] = /^(apply|delete) -f (\S+)$/.exec(line) ?? [];
  if (verb === undefined) throw new Error('it knows apply -f FILE and delete -f FILE');
  const manifest = readFileSync(resolve(folder, file), 'utf8');
  return verb === 'apply' ? apply(home, manifest) : take(home, load(manifest).metadata.name, 'deleted');
}

async function apply(home, manifest) {
  const { metadata, spec } = load(manifest);
  const record = join(home, 'deployed', metadata.name);
  const image = spec.template.spec.containers[0].image;
  const program = /^shop\/([\w-]+):/.exec(image)?.[1];
  if (program === undefined) throw new Error(`the image "${image}" is none of the shop's`);
  if (readIfThere(record) === manifest && pidOf(home, metadata.name) !== null)
    return `deployment.apps/${metadata.name} unchanged`;
  await stop(home, metadata.name);
  start(home, metadata.name, { program });
  writeWhole(record, manifest);
  return `deployment.apps/${metadata.name} configured`;
}

async function take(home, name, done) {
  const ended = await stop(home, name);
  remove(join(home, 'deployed', name));
  return ended ? `deployment.apps/${name} ${done}` : `deployment.apps/${name} is not there: nothing to do`;
}
