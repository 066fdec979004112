/** What `bin/nginx` leaves to Node: without nginx, the traffic switch divides the requests by the same file; without curl, a reload is waited for here. */
import { readShop, shopHome } from './home.mjs';
import { reloadProxy, runNginx, weights } from './proxy.mjs';

const home = shopHome();
const line = process.argv.slice(2).join(' ');
const { nginx } = readShop(home);

try {
  if (line === '-s reload') await reloadProxy(home);
  else if (line === '-t' && nginx === null) weights(home);
  else if (line === '-t') {
    const { status, stderr } = runNginx(nginx, home, '-t');
    if (status !== 0) throw new Error(stderr.trim());
  } else throw new Error('the shop uses -t and -s reload');
} catch (error) {
  console.error(`nginx: ${error.message}`);
  process.exitCode = 1;
}
