/** Opens the shop in an empty folder; answers with the environment that commands acting on it need. */
export function openShop(
  home: string,
  options?: { readonly badCart?: boolean; readonly template?: string | null; readonly owner?: number },
): Promise<Record<string, string>>;
/** Ends every process of the shop. */
export function closeShop(home: string): Promise<void>;
