/**
 * nginx in front of both versions of the cart service. SHOP_HOME/nginx/cart.conf says how many requests each gets; sluice changes the
 * weights in it. Where nginx is not installed, the traffic switch divides the requests itself, by the same file.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readIfThere, readShop, writeWhole } from './home.mjs';

export const INSTALL_NGINX =
  'install it with `apt-get install nginx-light`, `dnf install nginx` or `brew install nginx`';

const ours = fileURLToPath(new URL('../bin', import.meta.url));
/** Debian and Homebrew put it where not everybody's PATH leads. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];
const SIDES = { blue: 'cart-service-v1', green: 'cart-service-v2' };
/** Milliseconds after which no worker of the old configuration takes a request: nginx itself waits 100. */
const HAND_OVER_MS = 250;

const folderOf = (home) => join(home, 'nginx');
const fileOf = (home) => join(folderOf(home), 'cart.conf');

/** The nginx of this machine that can serve the shop; null when there is none, or SHOP_NGINX=none asks for the stand-in. */
function findNginx(home) {
  if (process.env.SHOP_NGINX === 'none') return null;
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS]) {
    const path = join(folder, 'nginx');
    try {
      accessSync(path, constants.X_OK);
      if (realpathSync(folder) === realpathSync(ours)) continue;
    } catch {
      continue; // Not here.
    }
    return runNginx(path, home, '-t').status === 0 ? path : null;
  }
  return null;
}

/** Writes the configuration, all requests to version 1. @returns the nginx that serves it, or null */
export function configureProxy(home, ports) {
  mkdirSync(join(folderOf(home), 'tmp'), { recursive: true });
  writeWhole(join(folderOf(home), 'nginx.conf'), configuration(ports.nginx));
  writeGeneration(home, 1);
  writeWhole(
    fileOf(home),
    `# Who answers the customers. The weights are changed by sluice.
upstream cart {
  server 127.0.0.1:${ports['cart-service-v1']} weight=1; # version 1
  server 127.0.0.1:${ports['cart-service-v2']} down; # version 2
}
`,
  );
  const nginx = findNginx(home);
  if (nginx !== null) {
    // For bin/nginx, which is a shell script.
    writeWhole(join(folderOf(home), 'program'), nginx);
    writeWhole(join(folderOf(home), 'health'), `http://127.0.0.1:${ports.nginx}/health`);
  }
  return nginx;
}

export function runNginx(nginx, home, ...args) {
  return spawnSync(nginx, ['-p', `${folderOf(home)}/`, '-c', 'nginx.conf', '-e', 'stderr', ...args], {
    encoding: 'utf8',
  });
}

/** Makes the configuration count, and waits until it does. Without nginx, it counts as soon as it is written. */
export async function reloadProxy(home) {
  const { nginx, ports } = readShop(home);
  if (nginx === null) return;
  const generation = Date.now();
  writeGeneration(home, generation);
  const { status, stderr } = runNginx(nginx, home, '-s', 'reload');
  if (status !== 0) throw new Error(`nginx was not reloaded: ${stderr.trim()}`);
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${ports.nginx}/health`, {
      headers: { connection: 'close' },
    });
    if ((await answer.json()).generation === String(generation)) break;
    if (Date.now() > deadline) throw new Error('nginx keeps its old configuration; see log/environment.log');
    await sleep(20);
  }
  await sleep(HAND_OVER_MS);
}

/** The weight of each side, as the file has them. @throws when a line is missing */
export function weights(home) {
  const { ports } = readShop(home);
  const text = readIfThere(fileOf(home)) ?? '';
  return Object.fromEntries(
    Object.entries(SIDES).map(([side, service]) => {
      const parameters = new RegExp(`^\\s*server 127\\.0\\.0\\.1:${ports[service]}([^;\\n]*);`, 'm').exec(
        text,
      )?.[1];
      if (parameters === undefined) throw new Error(`cart.conf has no line for ${service}`);
      return [side, /\bdown\b/.test(parameters) ? 0 : Number(/weight=(\d+)/.exec(parameters)?.[1] ?? 1)];
    }),
  );
}

/** Where the traffic goes: "blue", "green", or such as "10% green". */
export function position(home) {
  const { blue, green } = weights(home);
  if (green === 0) return 'blue';
  return blue === 0 ? 'green' : `${Math.round((100 * green) / (blue + green))}% green`;
}

/** Sends all traffic to one side. */
export async function turnTo(home, side) {
  const { ports } = readShop(home);
  let text = readIfThere(fileOf(home)) ?? '';
  for (const [other, service] of Object.entries(SIDES)) {
    const line = new RegExp(`(server 127\\.0\\.0\\.1:${ports[service]})[^;\\n]*;`);
    text = text.replace(line, `$1 ${other === side ? 'weight=1' : 'down'};`);
  }
  writeWhole(fileOf(home), text);
  await reloadProxy(home);
}

function writeGeneration(home, generation) {
  writeWhole(join(folderOf(home), 'generation.conf'), `map "" $generation { default "${generation}"; }\n`);
}

function configuration(port) {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `worker_processes 1;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
${kinds.map((kind) => `  ${kind}_temp_path tmp/${kind};`).join('\n')}
  include generation.conf;
  include cart.conf;
  server {
    listen 127.0.0.1:${port};
    keepalive_timeout 120s;
    location = /health { return 200 '{"name":"nginx","generation":"$generation"}'; }
    location = /metrics { return 404; }
    location / {
      proxy_pass http://cart;
      proxy_next_upstream off;
      add_header x-upstream $upstream_addr always;
    }
  }
}
`;
}
