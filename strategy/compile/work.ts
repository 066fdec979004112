/** What a procedure does, from the fields in which a section writes it: actions, in order. */
import { nonBlank, numbered, type Text, type Texts } from '../document.js';
import { meansOf } from '../kinds/effects/index.js';
import type { Action } from '../plan.js';
import { below } from '../pointer.js';
import { ActionList, commandActions, scriptAction } from './actions.js';
import type { Compilation } from './compilation.js';
import { executable, isExecutable } from './executable.js';

/** A text that asks for something, with its place in the file. */
export interface Sentence {
  readonly pointer: string;
  readonly text: string;
}

/** Where the work of a procedure is written. A section fills what it has fields for. */
export interface WorkSource {
  /** Each is SQL or a line for the shell. */
  readonly commands?: readonly Sentence[];
  /** Runs when there are no commands; stands for the prose beside it. */
  readonly script?: Sentence | null;
  /** Each runs when a prefix or a binding makes it executable, and is asked of a person otherwise. */
  readonly sentences?: readonly Sentence[];
  /** Always done by a person, after everything else. */
  readonly manual?: readonly Sentence[];
}

/** How the work is described in the coverage, and on which connection its SQL runs. */
export interface WorkContext {
  /** What comes before a description, such as "undo: "; empty for the work itself. */
  readonly label: string;
  /** What becomes of prose that nothing executes. */
  readonly byHand: string;
  /** The wanted connection; null when the bindings have only one. */
  readonly connection: string | null;
}

export function sentenceAt(text: Text, pointer: string): Sentence | null {
  const found = nonBlank(text);
  return found === null ? null : { pointer, text: found };
}

export function sentencesAt(texts: Texts, pointer: string): readonly Sentence[] {
  return numbered(texts).map(({ index, text }) => ({ pointer: below(pointer, index), text }));
}

/** The actions of the work, in order: its commands or its script, its sentences, then what people do by hand. */
export function compileWork(c: Compilation, source: WorkSource, context: WorkContext): readonly Action[] {
  const list = new ActionList();
  const script = source.script ?? null;
  const commands = source.commands ?? [];
  for (const { pointer, text } of commands) {
    for (const action of commandActions(c, text, context.connection, pointer)) list.add(action);
  }
  if (script !== null) addScript(c, list, script, commands.length > 0, context);
  for (const sentence of source.sentences ?? []) {
    if (script === null) addSentence(c, list, sentence, context);
    else coverBeside(c, sentence, script.text);
  }
  for (const { pointer, text } of source.manual ?? []) {
    c.coverByPerson(pointer, text, `manual step: ${context.byHand}`);
    list.add({ kind: 'manual', items: [text] });
  }
  return list.actions;
}

function addScript(
  c: Compilation,
  list: ActionList,
  { pointer, text }: Sentence,
  replaced: boolean,
  { label, connection }: WorkContext,
): void {
  if (replaced) {
    const how = 'not run: the commands beside it do the same and run instead';
    c.cover(pointer, text, 'not-carried-out', how);
    return;
  }
  const action = scriptAction(c, text, connection, pointer);
  c.cover(pointer, text, 'automated', action === null ? 'script' : `${label}${meansOf(action)}`);
  if (action !== null) list.add(action);
}

function addSentence(
  c: Compilation,
  list: ActionList,
  { pointer, text }: Sentence,
  { label, byHand, connection }: WorkContext,
): void {
  const found = executable(c, text, connection, pointer);
  if (found === null) {
    c.coverByPerson(pointer, text, `${label}${byHand}`);
    list.add({ kind: 'manual', items: [text] });
    return;
  }
  c.cover(pointer, text, 'automated', `${label}${found.how}`);
  for (const action of found.actions) list.add(action);
}

/** Prose beside a script describes what the script does; a sentence that could run as well does not run. */
function coverBeside(c: Compilation, { pointer, text }: Sentence, script: string): void {
  if (isExecutable(c, text)) c.cover(pointer, text, 'not-carried-out', `not run: ${script} runs instead`);
  else c.cover(pointer, text, 'automated', `carried out by ${script}`);
}
