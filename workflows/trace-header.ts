/**
 * Hands the trace of whoever started a run on to its activities, also over a cut of the history. It only copies one header:
 * Temporal's own interceptors for workflows take span ids from the workflow's random numbers and open spans for queries,
 * so that a replay sees other numbers (temporalio/sdk-typescript#2023).
 */
import type { Headers } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';

/** The header of Temporal's interceptors for clients and activities. */
const TRACE = '_tracer-data';

export const interceptors = (): WorkflowInterceptors => {
  let trace: Headers = {};
  const traced = <I extends { readonly headers: Headers }>(input: I): I => ({
    ...input,
    headers: { ...input.headers, ...trace },
  });
  return {
    inbound: [
      {
        execute(input, next) {
          const { [TRACE]: found } = input.headers;
          if (found !== undefined) trace = { [TRACE]: found };
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(traced(input)),
        continueAsNew: (input, next) => next(traced(input)),
      },
    ],
  };
};
