#!/usr/bin/env node
/**
 * Starts Debian's Firefox for Playwright, which speaks WebDriver BiDi with it. Playwright sends commands that Firefox ESR
 * does not know yet and cannot do without; this program answers them, and passes everything else on.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { WebSocket, WebSocketServer } from "ws";

const FIREFOX = "/usr/bin/firefox-esr";
const UNKNOWN = new Set(["emulation.setMediaFeaturesOverride"]);

interface Command {
  id: number;
  method: string;
}

/** Joins Playwright and Firefox. */
function join(playwright: WebSocket, firefoxUrl: string): void {
  const firefox = new WebSocket(firefoxUrl);
  const opened = once(firefox, "open");
  playwright.on("message", (data: Buffer) => {
    const { id, method } = JSON.parse(String(data)) as Command;
    if (UNKNOWN.has(method)) playwright.send(JSON.stringify({ type: "success", id, result: {} }));
    else void opened.then(() => firefox.send(String(data)));
  });
  firefox.on("message", (data: Buffer) => playwright.send(String(data)));
  firefox.on("error", () => playwright.close());
  firefox.on("close", () => playwright.close());
  playwright.on("close", () => firefox.close());
}

const firefox = spawn(FIREFOX, process.argv.slice(2), { stdio: ["ignore", "inherit", "pipe"] });
firefox.on("exit", (code) => process.exit(code ?? 0));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => firefox.kill(signal));

const bridge = new WebSocketServer({ host: "127.0.0.1", port: 0 });
await once(bridge, "listening");
const { port } = bridge.address() as { port: number };
for await (const line of createInterface({ input: firefox.stderr })) {
  const firefoxUrl = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
  if (firefoxUrl === undefined) continue;
  bridge.on("connection", (playwright, { url }) => join(playwright, firefoxUrl + (url ?? "")));
  process.stderr.write(`WebDriver BiDi listening on ws://127.0.0.1:${String(port)}\n`);
}
