import { build } from "esbuild";
import type { Page } from "playwright-core";
import type { InCall } from "../../../src/client/in-call/in-call.js";
import type { StateStore } from "../../../src/client/state-store.js";

declare global {
  interface Window {
    inCallParts: { InCall: typeof InCall; StateStore: typeof StateStore };
  }
}

/** Loads the client's code for running calls into a page, so that a test can join connections as it likes. */
export async function loadInCall(page: Page, url: string): Promise<void> {
  const contents = `
    import { InCall } from "./src/client/in-call/in-call.ts";
    import { StateStore } from "./src/client/state-store.ts";
    globalThis.inCallParts = { InCall, StateStore };`;
  const stdin = { contents, resolveDir: ".", loader: "ts" } as const;
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "iife", target: "es2022" });
  await page.goto(url);
  await page.evaluate(outputFiles[0]?.text ?? "");
}
