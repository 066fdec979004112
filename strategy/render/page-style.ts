/** The look of pages that stand alone, on screen in both themes and on paper. Without quotes, which JSX would escape. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #57606a; --line: #d0d7de; --accent: #0a58ca; --bad: #b3261e; --box: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --soft: #9aa4af; --line: #30363d; --accent: #79b8ff; --bad: #ff8a80; --box: #161b22; } }
html { background: var(--paper); color: var(--ink); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; } h1 small { color: var(--soft); font-weight: 400; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: .25rem 0; } a { color: var(--accent); }
article { border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; margin: .75rem 0; break-inside: avoid; }
article.gate { border-left: 4px solid var(--accent); }
dl { display: grid; grid-template-columns: minmax(6rem, 8rem) 1fr; gap: .1rem 1rem; margin: .4rem 0; }
dt { color: var(--soft); grid-column: 1; } dd { grid-column: 2; margin: 0; }
@media (max-width: 30rem) { dl { display: block; } dd { margin-left: 1rem; } }
code { font: .875em ui-monospace, monospace; background: var(--box); padding: .05em .3em; border-radius: 4px; }
pre { font: .8em/1.4 ui-monospace, monospace; background: var(--box); padding: .5rem .75rem; border-radius: 4px; margin: .25rem 0; white-space: pre-wrap; }
.how { color: var(--soft); font-size: .9em; }
.irreversible { color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--soft); } svg rect { fill: var(--accent); }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } h2, h3 { break-after: avoid; } a { color: inherit; } }
`;
