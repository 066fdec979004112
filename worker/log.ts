/** Diagnostics: lines for a person, and the SDK's own log. Both go to stderr, so that stdout stays the result. */
import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/common';
import { destination, type Logger, pino, stdSerializers } from 'pino';

/** Takes one line for the person who started sluice. */
export type Log = (line: string) => void;

export const toStderr: Log = (line) => {
  process.stderr.write(`${line}\n`);
};

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** JSON lines at `SLUICE_LOG_LEVEL`, by default `warn`. */
export function jsonLogger(env: Readonly<Record<string, string | undefined>>): Logger {
  const level = Object.values(LEVELS).find((known) => known === env.SLUICE_LOG_LEVEL) ?? 'warn';
  // The SDK names what went wrong `error`; as it stands, pino would write an error of any name but `err` as {}.
  const serializers = { error: stdSerializers.err };
  return pino({ name: 'sluice', level, serializers }, destination({ dest: 2, sync: true }));
}

/** The worker of the host queue has activities only, which the SDK takes for a possible mistake. */
const EXPECTED = /^No workflows registered, not polling/;

/** The SDK's log, sent the same way. */
export function sdkLogger(sink: Logger): TemporalLogger {
  const log = (level: LogLevel, message: string, meta?: LogMetadata) => {
    if (!EXPECTED.test(message)) sink[LEVELS[level]](meta ?? {}, message);
  };
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}
