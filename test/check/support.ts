import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { check } from "../../src/check/check.js";
import type { Finding, Level, Subject } from "../../src/check/finding.js";

/** A folder of a test's own. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-check-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Outcome {
  exitCode: number;
  findings: Finding[];
  /** The findings of one subject, as `level text → advice`. */
  on: (subject: Subject, level?: Level) => string[];
}

/** Runs the checks with the given variables, and returns what `--json` prints. */
export async function outcomeOf(variables: Record<string, string>, ...urls: string[]): Promise<Outcome> {
  const environment = {
    NODE_ENV: "test",
    SESSION_SECRET: "s".repeat(32),
    DATA_DIR: await temporaryFolder(),
    PORT: "9", // nothing listens there
    ...variables,
  };
  let printed = "";
  const print = (text: string) => (printed += text);
  const exitCode = await check({ sources: { environment }, urls, isJson: true, print });
  const { findings } = JSON.parse(printed) as { findings: Finding[] };
  const on = (subject: Subject, level?: Level) =>
    findings
      .filter((one) => one.subject === subject && (level === undefined || one.level === level))
      .map((one) => `${one.level} ${one.text}${one.advice === undefined ? "" : ` → ${one.advice}`}`);
  return { exitCode, findings, on };
}
