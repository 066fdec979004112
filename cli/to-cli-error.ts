/** Whatever was thrown, as a `CliError`: never a stack trace, always what to do next. */
import { type ErrorCode, SluiceError } from '../client/error.js';
import { CliError } from './cli-error.js';
import { EXIT, type ExitCode } from './exit.js';
import { MESSAGES } from './messages.js';

const EXITS: Readonly<Record<ErrorCode, ExitCode>> = {
  'no-engine': EXIT.noEngine,
  'no-worker': EXIT.noEngine,
  stalled: EXIT.noEngine,
  'unknown-outcome': EXIT.noEngine,
  'engine-trouble': EXIT.noEngine,
  'no-run': EXIT.problems,
  'run-exists': EXIT.problems,
  'run-ended': EXIT.problems,
  'bad-plan': EXIT.problems,
  refused: EXIT.problems,
  'unreadable-file': EXIT.problems,
  key: EXIT.problems,
  'bad-run-id': EXIT.usage,
};

/** What the operating system says about files, in words; the codes are errno(3). */
const FILE_TROUBLE: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many open files',
};

export function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof SluiceError) {
    return new CliError(error.code, error.message, error.advice, EXITS[error.code]);
  }
  if (!(error instanceof Error)) return unexpected(String(error));
  // The worker's own errors say what to do in their message; they arrive here without its classes, since only the
  // verbs that host an engine load the worker.
  if (error.name === 'EngineUnavailable')
    return new CliError('no-engine', error.message, null, EXIT.noEngine);
  if (error.name === 'WorkerFailed') return new CliError('no-worker', error.message, null, EXIT.noEngine);
  return fileTrouble(error) ?? unexpected(error.message);
}

function fileTrouble(error: Error): CliError | null {
  const { code, path } = error as NodeJS.ErrnoException;
  const why = code === undefined ? undefined : FILE_TROUBLE[code];
  if (why === undefined || path === undefined) return null;
  return new CliError(
    'file',
    `${path}: ${why}.`,
    'Correct the path or its permissions, then try again.',
    EXIT.problems,
  );
}

function unexpected(what: string): CliError {
  const line = what.replace(/\s+/g, ' ').trim();
  return new CliError('unexpected', `Something unexpected happened: ${line}`, MESSAGES.bug, EXIT.problems);
}
