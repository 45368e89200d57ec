import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);

it("`npm run soak` finds no event lost or doubled, and nothing left, after a short run with killed instances", async () => {
  const env = { ...process.env, MINUTES: "0.3", PEOPLE: "60", KILL_EVERY_SECONDS: "8" };
  const { stdout } = await run(process.execPath, ["--import", "tsx", "test/soak/main.ts"], { env });
  expect(stdout).toContain("events and signals lost: 0; doubled: 0");
  expect(stdout).toContain("(killed)");
  expect(stdout).toContain("keys left:");
  expect(stdout).not.toContain("FAILED");
});
