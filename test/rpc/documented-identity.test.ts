import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { appSecret } from "../support/app-keys.js";
import { roomy } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";
import { bashBlocks, paste } from "../support/shell.js";
import { open } from "./support/identity-tokens.js";

const PAGE = "docs/identity.md";

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startServer({ ...roomy, IDENTITY_SECRET: appSecret });
  folder = await mkdtemp("test/rpc/documented-"); // within the project, where the programs find their library
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Runs the program of a section. Returns what it prints. */
async function run(heading: string): Promise<string> {
  const section = (await readFile(PAGE, "utf8")).split(/^(?=## )/m).find((one) => one.startsWith(`## ${heading}\n`));
  const file = join(folder, "program.mjs");
  await writeFile(file, /^```js\n(.*?)^```$/ms.exec(section ?? "")?.[1] ?? "");
  const env = { ...process.env, IDENTITY_SECRET: appSecret };
  return (await promisify(execFile)(process.execPath, [file], { env })).stdout;
}

it("the documented program signs tokens that the server accepts", async () => {
  expect((await open(server, (await run("Sign a token")).trim())).welcome.token).toContain(".~");
});

it("the documented program for a private key signs tokens for its public key", async () => {
  const { published, token } = JSON.parse(await run("Sign with a private key")) as { published: object; token: string };
  const path = join(folder, "jwks.json");
  await writeFile(path, JSON.stringify(published));
  const other = await startServer({ ...roomy, IDENTITY_JWKS: path });
  expect((await open(other, token)).welcome.token).toContain(".~");
  await other.close();
});

it("the documented commands open a session with a token", async () => {
  const commands = (await bashBlocks(PAGE))
    .replaceAll("http://localhost:3001", server.url)
    .replace(/^timeout (.*\\\n)*.*$/gm, (stream) => `${stream} || test $? -eq 124`);
  const output = await paste("zsh", commands, { env: { IDENTITY_SECRET: appSecret } });
  expect(output).toMatch(/"welcome": \{\s*"sessionId"/);
});
