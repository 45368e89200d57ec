import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Command } from "./support/command.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "satoshigle-clone-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("npm start", () => {
  let command: Command;
  afterEach(() => command.kill());

  /** Starts the built server of the repository. */
  function start(...prefix: string[]): Command {
    const variables = { HOST: "127.0.0.1", PORT: "0", INTERNAL_PORT: "0", DATA_DIR: folder, DRAIN_TIMEOUT_MS: "0" };
    return new Command(process.cwd(), variables, ...prefix, "npm", "start");
  }

  it.each(["SIGTERM", "SIGINT"] as const)("passes %s to the server, which drains and ends", async (signal) => {
    command = start();
    await command.url();
    command.signal(signal);
    await command.gone();
    expect(command.output).toContain("draining");
  });

  it("does so as process 1 of a container", async () => {
    command = start("unshare", "--map-root-user", "--pid", "--fork", "--kill-child");
    await command.url();
    process.kill(childOf(command.pid), "SIGTERM");
    await command.gone();
    expect(command.output).toContain("draining");
  });
});

/** The process that `unshare` made process 1 of its namespace. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8").trim());
}

describe("a clone without development dependencies", () => {
  /** Runs the prestart script there. */
  function build() {
    const { status, stderr } = spawnSync(process.execPath, ["build.js", "server", "page"], {
      cwd: folder,
      encoding: "utf8",
    });
    return { status, stderr };
  }

  beforeEach(() => {
    for (const path of ["build.js", "package.json", "package-lock.json", "tsconfig.json", "src", "gen"]) {
      cpSync(path, join(folder, path), { recursive: true });
    }
  });

  it("explains what to do if nothing is built", () => {
    const { status, stderr } = build();
    expect(status).toBe(1);
    expect(stderr).toContain("npm ci --include=dev && npm run build");
  });

  it("starts what was built from the same sources", () => {
    cpSync("dist", join(folder, "dist"), { recursive: true });
    expect(build()).toEqual({ status: 0, stderr: "" });
  });

  it.each([
    ["src/compose.ts", "(server)"],
    ["src/client/index.ts", "(page)"],
    ["src/demo/index.html", "(page)"],
    ["package.json", "(server, page)"],
  ])("starts what is built and says that %s has changed since", (path, parts) => {
    cpSync("dist", join(folder, "dist"), { recursive: true });
    writeFileSync(join(folder, path), `${readFileSync(path, "utf8")}\n`);
    const { status, stderr } = build();
    expect(status).toBe(0);
    expect(stderr).toContain(`The sources ${parts} are newer than the build`);
  });
});
