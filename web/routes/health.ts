/** What machines ask: is the process there, can it serve, and how is it. No session: nothing of any run is told. */
import type { Context, Env, Hono } from 'hono';
import type { Metrics } from '../metrics.js';

/** @param openPages how many pages listen for changes now */
export function addHealth<E extends Env>(app: Hono<E>, metrics: Metrics, openPages: () => number): void {
  app.get('/healthz', (context: Context) => context.text('ok'));

  app.get('/readyz', async (context: Context) => {
    if ((await metrics.overview()) !== null) return context.text('ready');
    return context.text('The engine does not answer, so no run can be shown.', 503);
  });

  app.get('/metrics', async (context: Context) => {
    const text = await metrics.text(openPages(), Date.now());
    return context.body(text, 200, { 'Content-Type': metrics.contentType });
  });
}
