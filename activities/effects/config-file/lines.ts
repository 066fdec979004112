/** Formats of one setting per line: environment files, INI, `.properties`. All values are texts. */
import { Refusal } from '../../refusal.js';
import type { Codec } from './codec.js';

interface Dialect {
  readonly name: string;
  readonly sections: boolean;
  /** Head up to the value (its group `key` is the name), value, and what follows. */
  readonly setting: RegExp;
  readonly comment: RegExp;
  readonly read: (written: string) => string;
  /** @throws Refusal when the format cannot hold the value. */
  readonly print: (value: string, before: string | null) => string;
}

const ENV: Dialect = {
  name: 'an environment file',
  sections: false,
  setting:
    /^(\s*(?:export\s+)?(?<key>[A-Za-z_][A-Za-z0-9_.-]*)\s*=[ \t]*)("(?:[^"\\]|\\.)*"|'[^']*'|(?:(?!\s#)[^\r])*?)([ \t]*(?:(?:^|\s)#.*)?\r?)$/,
  comment: /^\s*(?:#.*)?$/,
  read: (written) => {
    if (written.startsWith("'")) return written.slice(1, -1);
    if (written.startsWith('"')) return written.slice(1, -1).replace(/\\(["\\$`])/g, '$1');
    return written;
  },
  print: (value, before) => {
    if (before?.startsWith("'") && !value.includes("'")) return `'${value}'`;
    if (/^[A-Za-z0-9_@%+=:,./-]*$/.test(value) && !before?.startsWith('"')) return value;
    return `"${value.replace(/["\\$`]/g, '\\$&')}"`;
  },
};

const INI: Dialect = {
  name: 'an INI file',
  sections: true,
  setting: /^(\s*(?<key>[^=:;#[\s][^=:]*?)\s*[=:][ \t]*)([^\r]*?)([ \t]*\r?)$/,
  comment: /^\s*(?:[;#].*)?$/,
  read: (written) => written,
  print: (value) => {
    if (value === value.trim()) return value;
    throw new Refusal('an INI file cannot hold a value that starts or ends with a space');
  },
};

const PROPERTIES: Dialect = {
  name: 'a properties file',
  sections: false,
  setting: /^(\s*(?<key>[^=:#!\s]+)(?:[ \t]*[=:][ \t]*|[ \t]+|$))([^\r]*?)(\r?)$/,
  comment: /^\s*(?:[#!].*)?$/,
  read: (written) => {
    if (/(?:^|[^\\])(?:\\\\)*\\$/.test(written)) throw new Refusal('the setting spans several lines');
    return written
      .replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .replace(/\\([^u])/g, '$1');
  },
  print: (value) => value.replaceAll('\\', '\\\\').replace(/^ /, '\\ '),
};

export const env = codecOf(ENV);
export const ini = codecOf(INI);
export const properties = codecOf(PROPERTIES);

interface Setting {
  readonly index: number;
  readonly path: readonly string[];
  readonly head: string;
  readonly written: string;
  readonly tail: string;
}

function codecOf(dialect: Dialect): Codec {
  return {
    parse(text) {
      const tree: Record<string, string | Record<string, string>> = {};
      for (const { path, written } of scan(dialect, text).settings) {
        const [first = '', second] = path;
        if (second === undefined) tree[first] = dialect.read(written);
        else {
          const section = tree[first];
          tree[first] = {
            ...(typeof section === 'object' ? section : {}),
            [second]: dialect.read(written),
          };
        }
      }
      return tree;
    },
    write: (text, path, value) => write(dialect, text, path, value),
  };
}

function scan(
  dialect: Dialect,
  text: string,
): { lines: string[]; settings: Setting[]; ends: Map<string, number> } {
  const lines = text.split('\n');
  const settings: Setting[] = [];
  /** The index of the last line of a section that says something. */
  const ends = new Map<string, number>([['', -1]]);
  let section = '';
  for (const [index, line] of lines.entries()) {
    const header = dialect.sections ? /^\s*\[([^\]]+)\]\s*(?:[;#].*)?$/.exec(line)?.[1] : undefined;
    if (header !== undefined) {
      section = header.trim();
      ends.set(section, index);
      continue;
    }
    if (dialect.comment.test(line)) continue;
    const match = dialect.setting.exec(line);
    const key = match?.groups?.key;
    if (match === null || key === undefined) {
      throw new Refusal(`it is not ${dialect.name} (line ${index + 1} is not a setting)`);
    }
    ends.set(section, index);
    const path = section === '' ? [key] : [section, key];
    settings.push({ index, path, head: match[1] ?? '', written: match[3] ?? '', tail: match[4] ?? '' });
  }
  return { lines, settings, ends };
}

function write(dialect: Dialect, text: string, path: readonly string[], value: unknown): string {
  if (path.length > (dialect.sections ? 2 : 1)) {
    throw new Refusal(`${dialect.name} has no place for a path of ${path.length} parts`);
  }
  const { lines, settings, ends } = scan(dialect, text);
  const same = settings.filter((setting) => setting.path.join('\n') === path.join('\n'));
  if (same.length > 1) throw new Refusal(`${path.join('.')} is set ${same.length} times in it`);
  const [found] = same;
  if (value === undefined) {
    return found === undefined ? text : lines.toSpliced(found.index, 1).join('\n');
  }
  const wanted = String(value);
  if (/[\r\n]/.test(wanted)) throw new Refusal('a value of several lines does not fit on one line');
  if (found !== undefined) {
    const line = `${found.head}${dialect.print(wanted, found.written)}${found.tail}`;
    return lines.with(found.index, line).join('\n');
  }
  const [first = '', second] = path;
  const section = second === undefined ? '' : first;
  const cr = lines[0]?.endsWith('\r') ? '\r' : '';
  const separator = /\s=\s/.test(settings.at(-1)?.head ?? '') ? ' = ' : '=';
  const line = `${second ?? first}${separator}${dialect.print(wanted, null)}${cr}`;
  const end = ends.get(section);
  if (end !== undefined) return lines.toSpliced(end + 1, 0, line).join('\n');
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${gap}[${section}]${cr}\n${line}\n`;
}
