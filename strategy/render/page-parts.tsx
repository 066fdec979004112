/** The frame of pages that stand alone: one file that needs no network and no script. */
import type { Child } from 'hono/jsx';
import { PAGE_STYLE } from './page-style.js';

/** A whole document. All text is escaped by the JSX runtime. */
export function renderDocument(title: string, body: Child): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <style>{PAGE_STYLE}</style>
      </head>
      <body>{body}</body>
    </html>
  );
  return `<!doctype html>\n${String(page)}\n`;
}

export function Section({ title, children }: { readonly title: string; readonly children?: Child }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
