/** What the browser keeps for this operator. Without storage, it is kept until the page is left. */
const fallback = new Map<string, string>();

export function kept(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return fallback.get(key) ?? "";
  }
}

export function keep(key: string, value: string): void {
  fallback.set(key, value);
  try {
    localStorage.setItem(key, value);
  } catch {
    // The browser forbids storage.
  }
}

/** The name that operators give themselves when the server has no source of names. */
export const NAME = "satoshigle-moderator";
/** Set to `off` by operators whose keys must not act by themselves, such as users of speech input. */
export const SHORTCUTS = "satoshigle-shortcuts";
