const NAME = "satoshigle.device";

/** Returns the random key by which the server recognizes this browser; empty if the browser stores nothing. */
export function deviceKey(): string {
  try {
    let key = String(localStorage.getItem(NAME));
    if (!/^[\w-]{22,64}$/.test(key)) {
      key = crypto.getRandomValues(new Uint32Array(5)).join("-");
      localStorage.setItem(NAME, key);
    }
    return key;
  } catch {
    return "";
  }
}
