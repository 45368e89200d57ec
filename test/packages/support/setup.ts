import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { build } from "../../support/build.js";
import { installPackages } from "../../support/packages.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The packed packages, as published. */
    tarballs: { client: string; server: string };
  }
}

function pack(folder: string, ...which: string[]): string {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder, ...which];
  const [{ filename }] = JSON.parse(execFileSync("npm", args, { encoding: "utf8" })) as [{ filename: string }];
  return join(folder, filename);
}

/** Builds and packs both packages. Removes them at the end. */
export default function setup(project: TestProject): () => void {
  installPackages("chromium-headless-shell");
  build();
  const folder = mkdtempSync(join(tmpdir(), "satoshigle-packed-"));
  project.provide("tarballs", { client: pack(folder, "-w", "src/client"), server: pack(folder) });
  return () => {
    rmSync(folder, { recursive: true });
  };
}
