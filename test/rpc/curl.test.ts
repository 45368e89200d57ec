import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startServer, type TestServer } from "../support/server.js";

const heading = "## Try it with buf curl";
const root = new URL("../..", import.meta.url);

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), "satoshigle-curl-"));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** The section's code, block after block, as somebody would paste it. */
async function examples(): Promise<string> {
  const readme = await readFile(new URL("README.md", root), "utf8");
  const section = readme.split(/^(?=## )/m).find((one) => one.startsWith(heading));
  if (section === undefined) throw new Error(`README.md has no section "${heading}"`);
  const blocks = [...section.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, code]) => code);
  return blocks.join("");
}

it("the README's buf curl examples run as written, over Connect, gRPC-Web and gRPC", async () => {
  const script = (await examples()).replaceAll("http://localhost:3001", server.url);
  // With job control, as in a terminal: a job ends with all its processes.
  const { stdout } = await promisify(execFile)("bash", ["-c", `set -meuo pipefail\n${script}`], {
    cwd: root,
    timeout: 100_000,
    env: { ...process.env, TMPDIR: folder, npm_config_loglevel: "error" },
  });
  const count = (text: string) => stdout.split(text).length - 1;
  expect(count("v=0\\r\\no=- 1 1 IN IP4 0.0.0.0")).toBe(3);
  expect(count("REASON_PARTNER_LEFT")).toBe(3);
  expect(count("{}")).toBe(12); // two Match, a Send and a Leave each
  expect(stdout).toContain("satoshigle.v1.SignalService/Signal");
}, 120_000);
