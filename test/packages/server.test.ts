import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { TestClient, transportTo } from "../support/test-client.js";
import { Command } from "./support/command.js";
import { Project } from "./support/project.js";

const { server } = inject("tarballs");
const variables = { HOST: "127.0.0.1", PORT: "0", INTERNAL_PORT: "0", MAX_LOOP_DELAY_MS: "10000" };

describe("npx satoshigle in an empty folder", () => {
  let folder: string;
  let command: Command;
  let url: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "satoshigle-empty-"));
    command = new Command(folder, variables, "npx", "--yes", "--prefer-offline", "--package", server, "satoshigle");
    url = await command.url();
  });
  afterAll(async () => {
    await command.kill();
    await rm(folder, { recursive: true });
  });

  it("serves the page with its files", async () => {
    const page = await fetch(url);
    expect(page.status).toBe(200);
    const paths = [...(await page.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(paths.length).toBeGreaterThan(2);
    const answers = await Promise.all(paths.map((path) => fetch(url + path)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
  });

  it("matches two clients", async () => {
    const [ann, bob] = [await TestClient.open(transportTo(url)), await TestClient.open(transportTo(url))];
    await ann.match();
    await bob.match();
    const matchId = (await ann.until("matched")).matchId;
    expect((await bob.until("matched")).matchId).toBe(matchId);
    await Promise.all([ann.break(), bob.break()]);
  });
});

/** A program that embeds the server. */
const embedding = `
import { ConfigError, createServer, type SatoshigleServer } from "satoshigle";

const server: SatoshigleServer = await createServer({ HOST: "127.0.0.1", PORT: 0, INTERNAL_PORT: 0, LOG_LEVEL: "silent" });
const url = await server.listen();
const health: unknown = await (await fetch(url.replace("localhost", "127.0.0.1") + "/healthz")).json();
await server.close();
// @ts-expect-error There is no such variable.
await createServer({ PROT: 0, PORT: "abc" }).catch((error: unknown) => {
  console.log(JSON.stringify({ health, isConfigError: error instanceof ConfigError }));
});
`;

describe("an installed server", () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.create(server, "@types/node@20");
  });
  afterAll(() => project.remove());

  it("contains no browser libraries, no sources of the client and no source maps", async () => {
    const paths = [...(await project.installed()).keys()];
    expect(paths.filter((path) => /preact|getalby|nostr|connect-web|react|vite|typescript/.test(path))).toEqual([]);
    const files = await project.run("find", "node_modules/satoshigle", "-type", "f");
    expect(files).toContain("/proto/satoshigle/v1/signaling.proto");
    expect(files.split("\n").filter((file) => /\.map$|\/client\/|\/test\/|[^d]\.tsx?$/.test(file))).toEqual([]);
  });

  it("contains the licenses of the packages that are bundled into its program", async () => {
    const licenses = await project.read("node_modules/satoshigle/dist/server/LICENSES.txt");
    const packages = licenses.split(/^-{80}$/m);
    expect(packages.length).toBeGreaterThan(50);
    expect(packages.filter((text) => !/^\S+ \d\S*\nLicense: \S/m.test(text))).toEqual([]);
    expect(licenses).toContain("\nfastify 5.");
    expect(licenses).toMatch(/\nzod [^-]*Copyright \(c\) 2025 Colin McDonnell/);
  });

  it("prints its help and its version", async () => {
    const { version } = JSON.parse(await project.read("node_modules/satoshigle/package.json")) as { version: string };
    expect(await project.run("npx", "satoshigle", "--version")).toBe(`${version}\n`);
    expect(await project.run("npx", "satoshigle", "--help")).toContain("Usage: satoshigle");
  });

  it.each([["--prot"], ["serve"], ["--replace"], ["backup"]])("refuses the arguments %s", async (...args) => {
    await expect(project.run("node_modules/.bin/satoshigle", ...args)).rejects.toThrow("Usage: satoshigle");
  });

  it.each(["nodenext", "node16"])("can be embedded by a program with module %s and Node.js types", async (module) => {
    await project.write("server.ts", embedding);
    const options = ["--strict", "--module", module, "--target", "es2022", "--lib", "es2022", "--types", "node"];
    expect(await project.runOwn("tsc", ...options, "--skipLibCheck", "server.ts")).toBe("");
    const printed = await project.run("node", "server.js");
    expect(JSON.parse(printed)).toEqual({ health: { status: "ok" }, isConfigError: true });
  });

  it("offers its .proto files", async () => {
    const script = 'console.log(import.meta.resolve("satoshigle/proto/satoshigle/v1/signaling.proto"))';
    expect(await project.run("node", "--input-type=module", "--eval", script)).toContain("/satoshigle/proto/");
  });
});
