/**
 * Completion scripts: verbs, flags, the choices of a flag, and files. They name no runs: a key press must not wait for
 * an engine.
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

export interface Verb {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  /** Its argument is a file; other arguments are not completed. */
  readonly takesFile: boolean;
}

export interface Flag {
  /** With its dashes. */
  readonly name: string;
  readonly description: string;
  readonly choices: readonly string[];
}

/** A script for the shell to source; ends with a line end. */
export function completionScript(shell: Shell, verbs: readonly Verb[]): string {
  switch (shell) {
    case 'bash':
      return bash(verbs);
    case 'zsh':
      return zsh(verbs);
    case 'fish':
      return fish(verbs);
    default:
      return shell satisfies never;
  }
}

function bash(verbs: readonly Verb[]): string {
  const cases = verbs.map(({ name, flags, takesFile }) => {
    const choices = flags
      .filter((flag) => flag.choices.length > 0)
      .map(
        (flag) =>
          `      [ "$previous" = ${flag.name} ] && { COMPREPLY=($(compgen -W '${flag.choices.join(' ')}' -- "$word")); return; }\n`,
      );
    const names = flags.map((flag) => flag.name).join(' ');
    const files = takesFile ? ' $(compgen -f -- "$word")' : '';
    return `    ${name})\n${choices.join('')}      COMPREPLY=($(compgen -W '${names}' -- "$word")${files}) ;;\n`;
  });
  return `# bash completion for sluice. Load it with: source <(sluice completion bash)
_sluice() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${verbs.map(({ name }) => name).join(' ')}' -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('')}  esac
}
complete -o filenames -F _sluice sluice
`;
}

function zsh(verbs: readonly Verb[]): string {
  const list = verbs.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}\n`);
  const cases = verbs.map(({ name, flags, takesFile }) => {
    const specs = flags.map(({ name: flag, description, choices }) => {
      const values = choices.length === 0 ? '' : `:value:(${choices.join(' ')})`;
      return ` ${quoted(`${flag}[${description.replace(/[[\]:]/g, ' ')}]${values}`)}`;
    });
    return `    ${name}) _arguments${specs.join('')}${takesFile ? " '*:file:_files'" : ''} ;;\n`;
  });
  return `#compdef sluice
# zsh completion for sluice. Write it to a folder of $fpath: sluice completion zsh > ~/.zfunc/_sluice
_sluice() {
  local -a verbs
  verbs=(
${list.join('')}  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${cases.join('')}  esac
}
if [ "$funcstack[1]" = _sluice ]; then _sluice "$@"; else compdef _sluice sluice; fi
`;
}

function fish(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap(({ name, description, flags, takesFile }) => [
    `complete -c sluice -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
    ...flags.map(({ name: flag, description: what, choices }) => {
      const values = choices.length === 0 ? '' : ` -x -a ${quoted(choices.join(' '))}`;
      return `complete -c sluice -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}${values} -d ${quoted(what)}`;
    }),
    `complete -c sluice -n '__fish_seen_subcommand_from ${name}' ${takesFile ? '-F' : '-f'}`,
  ]);
  return `# fish completion for sluice. Load it with: sluice completion fish | source\n${lines.join('\n')}\n`;
}

/** In single quotes, for all three shells: a quote inside ends them, is escaped, and begins them again. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
