import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const example = fileURLToPath(new URL('.', import.meta.url));

/**
 * Makes a workspace in which a strategy runs that uses the names of the specification's own example: its file goes in
 * unmodified, with `spec-bindings.yaml` beside it, and the scripts, migrations and manifests of this example.
 * @param {string} folder is made when it is not there
 * @param {string} strategyFile the strategy to copy in
 * @returns {string} the path of the strategy in the workspace
 */
export function prepareSpecWorkspace(folder, strategyFile) {
  for (const name of ['scripts', 'migrations', 'k8s', 'test-datasets']) {
    cpSync(join(example, name), join(folder, name), { recursive: true });
  }
  mkdirSync(join(folder, 'backup'), { recursive: true });
  // A link and not a copy: the stand-ins import packages from where they really are.
  symlinkSync(join(example, 'bin'), join(folder, 'bin'));
  cpSync(join(example, 'spec-bindings.yaml'), join(folder, 'migration-bindings.yaml'));
  const strategy = join(folder, 'migration-strategy.yaml');
  cpSync(strategyFile, strategy);
  return strategy;
}
