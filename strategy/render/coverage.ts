/** The coverage as text, for `sluice check`. */
import { COVERAGE_KINDS, type Coverage, type CoverageKind } from '../coverage.js';
import { oneLine } from '../kinds/text.js';

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
  const { counts } = coverage;
  const total = COVERAGE_KINDS.reduce((sum, kind) => sum + counts[kind], 0);
  const width = String(total).length;
  const lines = [
    `${total} sentences ask for something:`,
    ...COVERAGE_KINDS.map((kind) => `  ${String(counts[kind]).padStart(width)}  ${MEANINGS[kind]}`),
    ...otherLines(coverage),
  ];
  if (all)
    lines.push('', ...inFileOrder(coverage).map((sentence) => renderSentence(coverage.file, sentence)));
  return `${lines.join('\n')}\n`;
}

function otherLines(coverage: Coverage): string[] {
  return [
    ...(coverage.otherSections.length > 0
      ? [`Not carried out by this version: ${coverage.otherSections.join('; ')}.`]
      : []),
    ...(coverage.openRoles.length > 0
      ? [
          `Roles the bindings do not name, held by anyone who acts under the name: ${coverage.openRoles.join(', ')}.`,
        ]
      : []),
    ...(coverage.unusedBindings.length > 0
      ? [`Bound, but not used by the strategy: ${coverage.unusedBindings.map(oneLine).join('; ')}.`]
      : []),
  ];
}

function inFileOrder(coverage: Coverage): Coverage['sentences'] {
  const placed = coverage.sentences.map((sentence) => ({ sentence, position: sentence.position }));
  placed.sort(
    (left, right) => left.position.line - right.position.line || left.position.column - right.position.column,
  );
  return placed.map(({ sentence }) => sentence);
}

function renderSentence(file: string, { position, text, kind, how }: Coverage['sentences'][number]): string {
  return `${file}:${position.line}: ${LABELS[kind].padEnd(15)} ${oneLine(text)}  [${how}]`;
}
