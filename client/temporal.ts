/**
 * Temporal's client, loaded the way it was built: as CommonJS. An `import` of it has Node search its megabytes of
 * generated code for the names it exports, which took a sixth of the time of `sluice list`.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const client: typeof import('@temporalio/client') = require('@temporalio/client');
const envconfig: typeof import('@temporalio/envconfig') = require('@temporalio/envconfig');
const time: typeof import('@temporalio/common/lib/time.js') = require('@temporalio/common/lib/time.js');
const codec: typeof import('@temporalio/common/lib/internal-non-workflow/codec-helpers.js') = require('@temporalio/common/lib/internal-non-workflow/codec-helpers.js');
const converter: typeof import('@temporalio/common/lib/converter/payload-converter.js') = require('@temporalio/common/lib/converter/payload-converter.js');

export const {
  ApplicationFailure,
  Client,
  Connection,
  defaultGrpcRetryOptions,
  isGrpcDeadlineError,
  isGrpcServiceError,
  makeGrpcRetryInterceptor,
  QueryNotRegisteredError,
  QueryRejectedError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} = client;
export const { loadClientConnectConfig } = envconfig;
export const { tsToMs } = time;
export const { decodeArrayFromPayloads } = codec;
export const { defaultPayloadConverter } = converter;
