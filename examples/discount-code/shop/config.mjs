/** The settings of the cart service, in a file that people read. */
import { join } from 'node:path';
import { load } from 'js-yaml';
import { readIfThere, writeWhole } from './home.mjs';

const fileOf = (home) => join(home, 'config', 'cart.yaml');

export function writeConfig(home) {
  writeWhole(
    fileOf(home),
    `# What version 2 of the cart service does. Version 1 does not read it.
discounts:
  # Whether the code is noted in the row of its cart, in the columns that the migration adds.
  noted: false
`,
  );
}

/** @returns {{ discounts: { noted: boolean } }} */
export function readConfig(home) {
  return load(readIfThere(fileOf(home)) ?? '');
}
