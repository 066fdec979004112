/** An archive in a folder, usually one that is mounted from elsewhere. */
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../refusal.js';
import type { Archive } from './port.js';

export function folderArchive(folder: string): Archive {
  return {
    async put(name, content) {
      const file = join(folder, name);
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await replaceFile(file, content);
      } catch (error) {
        throw new Error(
          `${file} cannot be written (${codeOf(error)}). Free some space, or let the user of the worker write there.`,
          { cause: error },
        );
      }
    },
  };
}

/** On the disk before it takes the earlier one's place: a reader sees the one or the other, whole. */
async function replaceFile(file: string, content: Uint8Array): Promise<void> {
  const draft = `${file}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
