#!/usr/bin/env node
import { runCommand } from "./commands.js";

/** Loads the configuration's rules only for commands that need them. */
async function readConfig() {
  const { readOrFail } = await import("./config-or-exit.js");
  return readOrFail().config;
}

const exitCode = await runCommand(process.argv.slice(2), readConfig);
if (exitCode !== undefined) process.exit(exitCode);
await import("./serve.js");
