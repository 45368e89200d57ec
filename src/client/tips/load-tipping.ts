type TippingModule = typeof import("./tipping.js");

let retries = 0;

/**
 * Loads the code for tips. Chromium, and Firefox before version 155, remember for as long as the page lives that a
 * module could not be fetched. Their error names its URL, which with another query is another module to them.
 */
export async function loadTipping(): Promise<TippingModule> {
  try {
    return await import("./tipping.js");
  } catch (error) {
    const url = urlIn(error);
    if (url === undefined) throw error;
    url.searchParams.set("retry", String(++retries));
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ url.href)) as TippingModule;
  }
}

/** Returns the URL at the end of the browser's message, or undefined if it is another one, such as a bundler's. */
function urlIn(error: unknown): URL | undefined {
  const [, text = ""] = /dynamically imported module: (\S+)$/.exec(String(error)) ?? [];
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
