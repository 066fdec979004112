/** Makes the workflow bundle at build time, so that a worker starts in milliseconds and every worker runs the same code. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { jsonLogger, sdkLogger } from './log.js';

/** Beside the compiled sources, also for tests, which run the sources as they are. */
const COMPILED = import.meta.url.endsWith('.ts') ? '../dist/' : '../';
export const BUNDLE = fileURLToPath(new URL(`${COMPILED}workflow-bundle.js`, import.meta.url));
const TRACE_HEADER = fileURLToPath(new URL(`${COMPILED}workflows/trace-header.js`, import.meta.url));
const WORKFLOWS = fileURLToPath(new URL(`${COMPILED}workflows/index.js`, import.meta.url));

/** Bundles the compiled workflows into one file. */
export async function writeBundle(): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    workflowInterceptorModules: [TRACE_HEADER],
    logger: sdkLogger(jsonLogger(process.env)),
  });
  writeFileSync(BUNDLE, code);
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(started).href) await writeBundle();
