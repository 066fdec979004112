/** Which engine a client or worker talks to: Temporal's standard configuration first, then the embedded one. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from '@temporalio/client';
import { type EngineRecord, parseEngineRecord } from '../strategy/engine.js';
import { engineFile, homeFolder } from '../strategy/layout.js';
import { SluiceError } from './error.js';
import { loadClientConnectConfig } from './temporal.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How to reach a server: fit for a client's and for a worker's connection. */
export type EngineConnection = Pick<ConnectionOptions, 'tls' | 'metadata'> & {
  readonly address: string;
  readonly apiKey?: string;
};

/**
 * `configured`: a cluster named by TEMPORAL_ADDRESS or a profile; nobody hosts an embedded engine beside it.
 * `embedded`: the engine of the home folder, which may or may not be running.
 */
export type EngineChoice =
  | { readonly kind: 'configured'; readonly connection: EngineConnection; readonly namespace: string }
  | { readonly kind: 'embedded'; readonly home: string };

export const DEFAULT_NAMESPACE = 'default';

/**
 * Reads Temporal's standard configuration (environment variables, TOML profiles).
 * @throws SluiceError `no-engine` when that configuration cannot be read.
 */
export function resolveEngine(env: Environment = process.env): EngineChoice {
  const { connectionOptions, namespace } = standardConfiguration(env);
  const { address, apiKey, tls, metadata } = connectionOptions;
  if (!address) return { kind: 'embedded', home: homeFolder(env) };
  return {
    kind: 'configured',
    connection: {
      address,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(tls === undefined ? {} : { tls }),
      ...(metadata === undefined ? {} : { metadata }),
    },
    namespace: namespace ?? DEFAULT_NAMESPACE,
  };
}

/** The embedded engine that this home knows of; null when none is running, as far as its file says. */
export function embeddedEngine(home: string): EngineRecord | null {
  try {
    return parseEngineRecord(readFileSync(engineFile(home), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function standardConfiguration(env: Environment): ReturnType<typeof loadClientConnectConfig> {
  const set = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SluiceError(
      'no-engine',
      `The Temporal configuration cannot be read: ${why}.`,
      'Correct TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE or the file they name, or unset them to use the embedded engine.',
      error,
    );
  }
}
