/** The files that pages load: a list, so that no path of a request ever reaches the disk. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Context } from 'hono';

const FOLDER = new URL(
  import.meta.url.includes('/dist/web/') ? '../../web/static/' : './static/',
  import.meta.url,
);

const FILES: Readonly<Record<string, { readonly path: string; readonly type: string }>> = {
  'style.css': { path: own('style.css'), type: 'text/css; charset=utf-8' },
  'live.js': { path: own('live.js'), type: 'text/javascript; charset=utf-8' },
  'keys.js': { path: own('keys.js'), type: 'text/javascript; charset=utf-8' },
  'icon.svg': { path: own('icon.svg'), type: 'image/svg+xml' },
  'idiomorph.js': {
    path: createRequire(import.meta.url).resolve('idiomorph/dist/idiomorph.min.js'),
    type: 'text/javascript; charset=utf-8',
  },
};

export function staticFiles(context: Context): Response {
  const name = context.req.param('file') ?? '';
  const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (file === undefined) return context.text('There is no such file.', 404);
  return context.body(readFileSync(file.path, 'utf8'), 200, {
    'Content-Type': file.type,
    'Cache-Control': 'no-cache',
  });
}

function own(name: string): string {
  return fileURLToPath(new URL(name, FOLDER));
}
