/**
 * The SDK's retries of requests. A retry that comes due after the connection was closed would throw out of a timer, where nobody
 * can catch it, and end the program; here it ends its own request instead.
 */
import type { ConnectionOptions } from '@temporalio/client';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from './temporal.js';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Parameters<Interceptor>[1]>;

/** gRPC status code (https://grpc.io/docs/guides/status-codes/). */
const CANCELLED = 1;

export function retries(options = defaultGrpcRetryOptions()): Interceptor {
  const retry = makeGrpcRetryInterceptor(options);
  return (request, nextCall) =>
    retry(request, (given) => {
      try {
        return nextCall(given);
      } catch (error) {
        return endedCall(error instanceof Error ? error.message : String(error));
      }
    });
}

/** A call that has ended before it began. */
function endedCall(details: string): Call {
  return {
    start(metadata, listener) {
      listener?.onReceiveMessage?.(null);
      listener?.onReceiveStatus?.({ code: CANCELLED, details, metadata });
    },
    cancelWithStatus: () => undefined,
    getPeer: () => '',
    sendMessageWithContext: () => undefined,
    sendMessage: () => undefined,
    startRead: () => undefined,
    halfClose: () => undefined,
    getAuthContext: () => null,
  };
}
