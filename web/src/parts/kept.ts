/** What a browser that forbids storage, as it may in frames and for files, keeps until the page is left. */
const meanwhile = new Map<string, string>();

/** What was kept in this browser under a name, or null. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return meanwhile.get(name) ?? null;
  }
}

/** Keeps a text in this browser; null takes it away. */
export function keep(name: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    if (text === null) meanwhile.delete(name);
    else meanwhile.set(name, text);
  }
}
