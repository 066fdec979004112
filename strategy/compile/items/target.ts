/** Where the setting of a configuration change is, and what is done to it there. */
import type { DatabaseSettingTarget, ItemTarget } from '../../bindings-document.js';
import type {
  ConfigChange,
  ConfigFileAction,
  ConfigFormat,
  SettingAction,
  SettingTarget,
} from '../../plan.js';
import type { Compilation } from '../compilation.js';
import { checkReferences } from '../secrets.js';
import { checkFlag, flagNamed, flagTarget } from './flag.js';

/** The item, for messages. */
export interface Subject {
  readonly id: string;
  readonly pointer: string;
}

/** Null after reporting why the setting cannot be changed. */
export function targetAction(
  c: Compilation,
  item: Subject,
  target: ItemTarget,
  change: ConfigChange,
): ConfigFileAction | SettingAction | null {
  if ('database' in target) return settingAction(c, item, databaseTarget(c, item, target), change);
  if ('flag' in target) return flagAction(c, item, target.flag, change);
  const { id } = item;
  const finding = checkReferences('env' in target ? target.env : target.file);
  if (finding !== null) c.report(item.pointer, finding);
  if ('env' in target) {
    return { kind: 'config-file', item: id, file: target.env, format: 'env', path: [target.name], change };
  }
  const { file } = target;
  const format = target.format ?? formatOf(file);
  if (format !== null) {
    return { kind: 'config-file', item: id, file, format, path: pathOf(format, target.path), change };
  }
  c.report(item.pointer, {
    code: 'unknown-format',
    message: `the format of ${file} is not known by its name`,
    advice: `Say it beside the path: items: { ${id}: { file, path, format: ini } }.`,
  });
  return null;
}

function databaseTarget(
  c: Compilation,
  { pointer }: Subject,
  { database, setting, role = null, scope = null }: DatabaseSettingTarget,
): SettingTarget | null {
  const connection = c.bindings.connections.choose(database, pointer, c.reporter);
  const chosen = scope ?? (role === null ? 'database' : 'role');
  const clash =
    chosen === 'role' && role === null
      ? 'scope is "role", and no role is named'
      : chosen === 'system' && role !== null
        ? `a setting of the whole system does not belong to the role "${role}"`
        : null;
  if (clash !== null) {
    c.report(pointer, {
      code: 'bad-target',
      message: clash,
      advice: 'Correct the entry of the item under "items" in the bindings.',
    });
  }
  if (connection === null || clash !== null) return null;
  return { store: 'database', connection, setting, scope: chosen, role };
}

function flagAction(
  c: Compilation,
  item: Subject,
  flag: string,
  change: ConfigChange,
): ConfigFileAction | SettingAction | null {
  const binding = flagNamed(c, flag, item.pointer);
  if (binding === null) return null;
  if ('file' in binding) {
    const { file } = binding;
    return {
      kind: 'config-file',
      item: item.id,
      file,
      format: 'flagd',
      path: [flag],
      change: asFlag(change),
    };
  }
  checkFlag(c, item.pointer, binding);
  return settingAction(c, item, flagTarget(flag, binding), change);
}

function settingAction(
  c: Compilation,
  { id, pointer }: Subject,
  target: SettingTarget | null,
  change: ConfigChange,
): SettingAction | null {
  if (target === null) return null;
  if (change.do !== 'move') return { kind: 'setting', item: id, target, change };
  c.report(pointer, {
    code: 'bad-target',
    message: 'only a setting in a file can be moved',
    advice: 'Remove "from" from the entry of the item under "items" in the bindings.',
  });
  return null;
}

/** What people write for a flag that is on for everybody or nobody. */
const FLAG_VALUES: Readonly<Record<string, string>> = {
  '100%': 'true',
  on: 'true',
  enabled: 'true',
  '0%': 'false',
  off: 'false',
};

function asFlag(change: ConfigChange): ConfigChange {
  const value = (text: string): string => FLAG_VALUES[text.trim().toLowerCase()] ?? text.trim();
  if (change.do === 'restore') return change;
  const expected = change.expected === null ? null : value(change.expected);
  return change.do === 'set' ? { ...change, value: value(change.value), expected } : { ...change, expected };
}

const FORMATS: readonly (readonly [RegExp, ConfigFormat])[] = [
  [/\.jsonc?$/i, 'json'],
  [/\.ya?ml$/i, 'yaml'],
  [/\.toml$/i, 'toml'],
  [/\.(?:ini|cfg)$/i, 'ini'],
  [/\.properties$/i, 'properties'],
  [/(?:^|\/|\.)env(?:\.[^/]*)?$/i, 'env'],
];

function formatOf(file: string): ConfigFormat | null {
  return FORMATS.find(([pattern]) => pattern.test(file))?.[1] ?? null;
}

/** Dots part the names, `\.` is a dot. In a flat file all of it is one name; in an INI file the first part is the section. */
function pathOf(format: ConfigFormat, written: string): readonly string[] {
  if (format === 'env' || format === 'properties' || format === 'flagd') return [written];
  const parts = written.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
  const [section, ...rest] = parts;
  return format === 'ini' && section !== undefined && rest.length > 0 ? [section, rest.join('.')] : parts;
}
