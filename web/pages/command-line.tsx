/** The command that does the same as a button, to be copied by one click where script runs. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <p class="command-line">
      <code>{command}</code>
      <button type="button" data-copy={command} aria-label={`Copy ${command}`} hidden>
        Copy
      </button>
    </p>
  );
}
