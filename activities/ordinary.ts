/** The variables that every command sees, whatever the bindings say. They are no secrets. */
const ALLOWED = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TERM', 'TMPDIR', 'SHELL'];

export function isOrdinaryVariable(name: string): boolean {
  return ALLOWED.includes(name) || name.startsWith('LC_');
}
