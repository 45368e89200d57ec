import { SatoshigleError } from "./errors.js";

let retries = 0;

/**
 * Loads a part of the client's code that is not needed at the start. Chromium, and Firefox before version 155, remember
 * for as long as the page lives that a module could not be fetched. Their error names its URL, which with another query
 * is another module to them.
 * @param part completes "the code for"
 */
export async function loadModule<Module>(part: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load().catch(loadAgain<Module>);
  } catch (cause) {
    throw new SatoshigleError("not_loaded", `The code for ${part} could not be loaded. Try again.`, { cause });
  }
}

async function loadAgain<Module>(error: unknown): Promise<Module> {
  const url = urlIn(error);
  if (url === undefined) throw error;
  url.searchParams.set("retry", String(++retries));
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ url.href)) as Module;
}

/** Returns the URL at the end of the browser's message, or undefined if it is another one, such as a bundler's. */
function urlIn(error: unknown): URL | undefined {
  const [, text = ""] = /imported module: (\S+)$/.exec(String(error)) ?? [];
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
