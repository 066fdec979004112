/** Keeps nginx running, where it is installed; ends it with the shop. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readShop } from './home.mjs';
import { atEnd, identify } from './service.mjs';

const self = identify('nginx');
const { nginx } = readShop(self.home);
const folder = join(self.home, 'nginx');
const child = spawn(nginx, ['-p', `${folder}/`, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'], {
  stdio: 'inherit',
});
const ended = new Promise((resolve) => child.once('exit', resolve));
const report = (code, signal) => console.error(`nginx ended by itself: ${code ?? signal}`);
child.once('exit', report);
atEnd(self, async () => {
  child.off('exit', report);
  child.kill('SIGQUIT');
  // The switch keeps connections open, which nginx would wait for.
  setTimeout(() => child.kill('SIGTERM'), 500).unref();
  await ended;
});
