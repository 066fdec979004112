/** Makes sure that the server binary is there, and prints its path: what CI runs before the tests. */
import { homeFolder } from '../strategy/layout.js';
import { EngineUnavailable, findBinary } from './binary.js';
import { toStderr } from './log.js';

try {
  process.stdout.write(
    `${await findBinary({ home: homeFolder(process.env), env: process.env, log: toStderr })}\n`,
  );
} catch (error) {
  if (!(error instanceof EngineUnavailable)) throw error;
  toStderr(error.message);
  process.exitCode = 5;
}
