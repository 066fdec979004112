/**
 * References to secrets, resolved as late as possible: `${env:NAME}` from the worker's environment, `${file:path}`
 * from a file (relative to the workspace). What they stand for never leaves the activity.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Probe } from '../strategy/plan.js';
import type { RunContext } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { formsOf } from './redact.js';

/** A secret is a password, a key, a chain of certificates: Kubernetes allows as much. */
const LARGEST_BYTES = 1024 * 1024;

const REFERENCE = /\$\{(env|file):([^}]*)\}/g;

/** A reference that stands for nothing here. Its message names the reference, never a value. */
export class UnresolvedReference extends Error {
  override readonly name = 'UnresolvedReference';
}

/** Where references are looked up. */
export interface SecretSource {
  readonly env: Dependencies['env'];
  readonly workspace: string;
}

/** The text with every reference replaced by what it stands for. Throws `UnresolvedReference`. */
export async function resolveReferences(text: string, source: SecretSource): Promise<string> {
  let resolved = '';
  let from = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [whole, kind = '', name = ''] = match;
    resolved += text.slice(from, match.index) + (await meaningOf(whole, kind, name, source));
    from = match.index + whole.length;
  }
  return resolved + text.slice(from);
}

async function meaningOf(whole: string, kind: string, name: string, source: SecretSource): Promise<string> {
  if (kind === 'env') {
    const value = source.env[name];
    if (value !== undefined) return value;
    throw new UnresolvedReference(
      `${whole} cannot be resolved: the environment has no variable ${name}. Set it where the worker, or this command, is started, and retry.`,
    );
  }
  try {
    return await readSecret(resolve(source.workspace, name));
  } catch (error) {
    const why =
      error instanceof Unfit
        ? error.message
        : error instanceof Error && 'code' in error
          ? String(error.code)
          : 'it cannot be read';
    throw new UnresolvedReference(
      `${whole} cannot be resolved: the file ${name} cannot be read (${why}). Provide it on the host of the worker, or of this command, and retry.`,
    );
  }
}

/** Why a file is no secret. */
class Unfit extends Error {}

/** Without the line end that editors and `echo` add. Never waits for a pipe, never reads a device to its end. */
async function readSecret(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Unfit('it is not a file');
    // Some files (/proc) do not know their size beforehand.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LARGEST_BYTES + 1), 0);
    if (bytesRead > LARGEST_BYTES) throw new Unfit('it is larger than 1 MiB, the limit for a secret');
    return buffer.toString('utf8', 0, bytesRead).replace(/\r?\n$/, '');
  } finally {
    await file.close();
  }
}

/**
 * Every form of every secret that the bindings, and these probes, mention, for the redactor. A reference that stands for nothing is left
 * out here: the code that needs it reports it.
 */
export async function secretForms(
  context: RunContext,
  env: Dependencies['env'],
  probes: readonly Probe[] = [],
): Promise<readonly string[]> {
  const texts = [...context.bindings.secrets, ...stringsIn(probes)];
  const forms = new Set<string>();
  for (const text of texts) {
    for (const secret of await secretsIn(text, { env, workspace: context.workspace })) {
      for (const form of formsOf(secret)) forms.add(form);
    }
  }
  return [...forms];
}

async function secretsIn(text: string, source: SecretSource): Promise<readonly string[]> {
  const secrets: string[] = [];
  for (const [whole, kind = '', name = ''] of text.matchAll(REFERENCE)) {
    if (kind === 'env' && isAllowedVariable(name)) continue;
    try {
      secrets.push(await meaningOf(whole, kind, name, source));
    } catch (error) {
      if (!(error instanceof UnresolvedReference)) throw error;
    }
  }
  // A password written into a URL is a secret although it should not be there.
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^/?#]*)@/i.exec(text)?.[1];
  if (written !== undefined && !written.includes('${')) secrets.push(written);
  return secrets;
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

/** The variables that every command sees, whatever the bindings say. They are no secrets. */
const ALLOWED = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TERM', 'TMPDIR', 'SHELL'];

export function isAllowedVariable(name: string): boolean {
  return ALLOWED.includes(name) || name.startsWith('LC_');
}
