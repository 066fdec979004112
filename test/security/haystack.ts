/** Looks for planted secrets in whatever a run left behind, also where they are encoded, cut or broken over lines. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** So many characters of a secret in a row are a leak. */
const TELLING = 8;

export interface Planted {
  readonly name: string;
  /** The part that stands nowhere else: letters and digits, so that no encoding but base64 and hex changes it. */
  readonly core: string;
}

/** Where which secret was found. */
export function leaks(where: string, text: string, planted: readonly Planted[]): string[] {
  const found = new Set<string>();
  for (const reading of readingsOf(text)) {
    for (const { name, core } of planted) {
      for (let at = 0; at + TELLING <= core.length; at += TELLING) {
        const place = reading.indexOf(core.slice(at, at + TELLING));
        if (place === -1) continue;
        found.add(
          `${name} in ${where}: ...${JSON.stringify(reading.slice(Math.max(0, place - 60), place + 40))}...`,
        );
        break;
      }
    }
  }
  return [...found];
}

/** The text, without line breaks (also written ones), decoded from base64 at every offset, and from hex. */
function readingsOf(text: string): string[] {
  const joined = text.replaceAll(/\\+[rn]|[\r\n]/g, '');
  const base64 = (joined.match(/[A-Za-z0-9+/_-]{12,}/g) ?? []).flatMap((run) =>
    [0, 1, 2, 3].map((offset) => Buffer.from(run.slice(offset), 'base64').toString('latin1')),
  );
  const hex = (
    joined.replaceAll(/(?<=[0-9a-fA-F]{2}) (?=[0-9a-fA-F]{2})/g, '').match(/[0-9a-fA-F]{16,}/g) ?? []
  ).flatMap((run) => [0, 1].map((offset) => Buffer.from(run.slice(offset), 'hex').toString('latin1')));
  return [text, joined, base64.join('|'), hex.join('|')];
}

/** Every file below a folder, with its bytes as text. What goes away meanwhile, such as SQLite's journal, is left out. */
export function filesIn(folder: string): { readonly path: string; readonly text: string }[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return filesIn(path);
    const text = stat?.isFile() ? textOf(path) : null;
    return text === null ? [] : [{ path, text }];
  });
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** All strings and byte strings of a decoded message, one per line. */
export function textsIn(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`;
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('utf8')}\n`;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textsIn).join('');
}
