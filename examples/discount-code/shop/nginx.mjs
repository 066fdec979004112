/** Keeps nginx running, where it is installed; ends it with the shop. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readShop } from './home.mjs';
import { identify, liveAndDie } from './service.mjs';

const self = identify();
const { nginx } = readShop(self.home);
const folder = join(self.home, 'nginx');
const child = spawn(nginx, ['-p', `${folder}/`, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'], {
  stdio: 'inherit',
});
const ended = new Promise((resolve) => child.once('exit', resolve));
child.once('exit', (code) => process.exit(code ?? 1));
liveAndDie(self, async () => {
  child.removeAllListeners('exit');
  child.kill('SIGQUIT');
  // The switch keeps connections open, which nginx would wait for.
  setTimeout(() => child.kill('SIGTERM'), 500).unref();
  await ended;
});
