export function unwelcome(lock: {
  readonly packages: Readonly<Record<string, { readonly license?: string; readonly link?: boolean }>>;
}): string[];
