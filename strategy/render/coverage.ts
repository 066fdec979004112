/** The coverage as text, for `sluice check`. */
import { COVERAGE_KINDS, type Coverage, type CoverageKind, countCoverage } from '../coverage.js';
import { oneLine } from './requirement.js';

const LABELS: Readonly<Record<CoverageKind, string>> = {
  automated: 'automated',
  state: 'from the run',
  declared: 'declared',
  person: 'asked',
  'not-carried-out': 'not carried out',
};

const MEANINGS: Readonly<Record<CoverageKind, string>> = {
  automated: 'done or evaluated by machine',
  state: "evaluated from the run's own state",
  declared: 'the strategy says that it holds',
  person: 'asked of a person',
  'not-carried-out': 'not carried out by this version, or not needed',
};

/** Counts; with `all`, then every sentence with its place. Lines end with "\n", the last one too. */
export function renderCoverage(coverage: Coverage, { all }: { readonly all: boolean }): string {
  const counts = countCoverage(coverage);
  const width = String(coverage.sentences.length).length;
  const lines = [
    `${coverage.sentences.length} sentences ask for something:`,
    ...COVERAGE_KINDS.map((kind) => `  ${String(counts[kind]).padStart(width)}  ${MEANINGS[kind]}`),
    ...otherLines(coverage, all),
  ];
  if (all) lines.push('', ...coverage.sentences.map((sentence) => renderSentence(coverage.file, sentence)));
  return `${lines.join('\n')}\n`;
}

function otherLines(coverage: Coverage, all: boolean): string[] {
  const sections = coverage.sentences.filter(
    ({ kind, how }) => kind === 'not-carried-out' && how === 'not carried out by this version',
  );
  return [
    ...(sections.length > 0 && !all
      ? [`Not carried out by this version: ${sections.map(({ text }) => text).join(', ')}.`]
      : []),
    ...(coverage.openRoles.length > 0
      ? [
          `Roles the bindings do not name; whoever acts under the name holds them: ${coverage.openRoles.join(', ')}.`,
        ]
      : []),
    ...(coverage.unusedBindings.length > 0
      ? [`Bound, but nothing in the strategy asks for it: ${coverage.unusedBindings.join('; ')}.`]
      : []),
  ];
}

function renderSentence(file: string, { position, text, kind, how }: Coverage['sentences'][number]): string {
  return `${file}:${position.line}: ${LABELS[kind].padEnd(15)} ${oneLine(text)}  [${how}]`;
}
