import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { validate } from "dockerfile-utils";
import { expect, it, onTestFinished } from "vitest";
import { variables } from "../../src/config.js";
import { makeCertificate } from "../support/certificate.js";
import { freePort } from "../support/ports.js";
import { startServer } from "../support/server.js";
import { soon } from "../support/soon.js";
import { allOf, execForm, reachesBuild, readStages, type Stage } from "./support/dockerfile.js";
import { ending, packageVersion, readText } from "./support/files.js";

const DOCKERFILE = "deploy/docker/Dockerfile";
const [build, run] = readStages(DOCKERFILE) as [Stage, Stage];
const environment = Object.fromEntries(allOf(run, "ENV").map((one) => one.split("=") as [string, string]));
const [, ...healthcheck] = execForm(allOf(run, "HEALTHCHECK")[0]);

it("lints clean", () => {
  expect(validate(readText(DOCKERFILE))).toEqual([]);
});

it("pins the release line of its base image, which the package supports", () => {
  const { engines } = JSON.parse(readText("package.json")) as { engines: { node: string } };
  const minimum = Number(/\d+/.exec(engines.node)?.[0]);
  for (const { image } of [build, run]) {
    const [, major] = /^node:(\d+)-bookworm-slim$/.exec(image) ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(minimum);
  }
});

it("runs as an unprivileged user, in exec form, with its records in a volume", () => {
  const keywords = run.instructions.map(({ keyword }) => keyword);
  expect(allOf(run, "USER")).toEqual(["node"]);
  expect(keywords.lastIndexOf("RUN")).toBeLessThan(keywords.indexOf("USER"));
  expect(execForm(allOf(run, "ENTRYPOINT")[0])[0]).toBe("node");
  expect(allOf(run, "STOPSIGNAL")).toEqual(["SIGTERM"]);
  expect(allOf(run, "VOLUME")).toEqual([environment.DATA_DIR]);
  expect(allOf(run, "EXPOSE")).toEqual([`${variables.PORT.default} ${variables.INTERNAL_PORT.default}`]);
  expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(environment)));
});

it("its build context contains the sources and nothing private", () => {
  for (const path of [
    "package.json",
    "package-lock.json",
    ".npmrc",
    "src/main.ts",
    "src/demo/index.html",
    "gen",
    "proto",
  ]) {
    expect(reachesBuild(path), path).toBe(true);
  }
  for (const path of [
    ".env",
    "src/demo/.env",
    ".git/config",
    "data/records.lmdb",
    "node_modules/fastify",
    "dist/src",
  ]) {
    expect(reachesBuild(path), path).toBe(false);
  }
});

it("is healthy while the server answers, also with TLS, and unhealthy otherwise", async () => {
  const { folder, certFile, keyFile } = await makeCertificate();
  onTestFinished(() => rm(folder, { recursive: true }));
  const tls = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };
  const [plain, secure] = [await startServer(), await startServer(tls)];
  expect((await ending(process.execPath, healthcheck, { PORT: String(plain.port) })).code).toBe(0);
  expect((await ending(process.execPath, healthcheck, { PORT: String(secure.port), ...tls })).code).toBe(0);
  await Promise.all([plain.close(), secure.close()]);
  expect((await ending(process.execPath, healthcheck, { PORT: String(plain.port) })).code).toBe(1);
});

/** Executes a stage with local folders in place of the image's. */
async function carryOut(stage: Stage, root: string, cache: string, place: (text: string) => string): Promise<void> {
  const env = { PATH: process.env.PATH, HOME: root, npm_config_cache: cache };
  for (const { keyword, rest } of stage.instructions) {
    if (keyword === "ENV") Object.assign(env, Object.fromEntries([rest.split("=")]));
    if (keyword === "RUN") execFileSync("sh", ["-ec", place(rest)], { cwd: join(root, "app"), env, stdio: "pipe" });
    if (keyword !== "COPY" || rest === ". .") continue;
    const [, source = "", target = ""] = rest.split(" ");
    await cp(place(source), join(root, "app", target), { recursive: true });
  }
}

/**
 * Fills a cache with the packages that npm has on this machine. It is one of its own, as a stage empties its cache:
 * packages are linked, and the index, which npm appends to, is copied.
 */
function fillCache(cache: string): void {
  const own = join(execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).trim(), "_cacache");
  const [from, to] = [join(own, "content-v2"), join(cache, "_cacache")];
  mkdirSync(to, { recursive: true });
  const isLinked = spawnSync("cp", ["-al", from, to]).status === 0; // not from another disk
  if (isLinked) execFileSync("cp", ["-a", join(own, "index-v5"), to]);
}

function stop(child: ChildProcess): void {
  if (child.exitCode === null) child.kill("SIGKILL");
}

it("builds from its build context, and the result runs in production and stops on SIGTERM", async () => {
  const roots = [await mkdtemp(join(tmpdir(), "image-")), await mkdtemp(join(tmpdir(), "image-"))] as const;
  onTestFinished(() => Promise.all(roots.map((root) => rm(root, { recursive: true }))).then());
  for (const root of roots) mkdirSync(join(root, "app"));
  const [buildRoot, runRoot] = roots;
  const cache = join(buildRoot, "npm");
  fillCache(cache);
  const sources = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { encoding: "utf8" }).split("\n");
  for (const path of sources.filter((one) => one !== "" && existsSync(one) && reachesBuild(one))) {
    mkdirSync(dirname(join(buildRoot, "app", path)), { recursive: true });
    await cp(path, join(buildRoot, "app", path));
  }
  const inBuild = (text: string) => text.replaceAll(/(?<=^|\s)\/(?=app|manifests)/g, `${buildRoot}/`);
  await carryOut(build, buildRoot, cache, inBuild);
  const data = join(runRoot, environment.DATA_DIR ?? "");
  const owner = { "-o node -g node": "", [environment.DATA_DIR ?? ""]: data };
  const inRun = (text: string) =>
    Object.entries(owner).reduce((placed, [from, to]) => placed.replaceAll(from, to), inBuild(text));
  await carryOut(run, runRoot, cache, inRun);
  chmodSync(dirname(data), 0o755);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  expect(existsSync(join(runRoot, "app/node_modules/vitest"))).toBe(false);

  const port = String(await freePort());
  const [, ...args] = execForm(allOf(run, "ENTRYPOINT")[0]);
  const given = {
    PORT: port,
    INTERNAL_PORT: "0",
    CLIENT_URL: "https://chat.example.com",
    SESSION_SECRET: "s".repeat(32),
  };
  const env = { PATH: process.env.PATH, NODE_ENV: "production", DATA_DIR: data, ...given };
  const child = spawn(process.execPath, args, { cwd: join(runRoot, "app"), env, stdio: "inherit" });
  onTestFinished(() => stop(child));
  await soon(async () => expect((await ending(process.execPath, healthcheck, { PORT: port })).code).toBe(0));
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain("<title>");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
}, 900_000);

it("has the version of the package, here and in the files that run it", () => {
  const tag = `satoshigle:${packageVersion()}`;
  expect(readText(DOCKERFILE)).toContain(`-t ${tag} .`);
  expect(readText("deploy/compose/compose.yaml")).toContain(`image: ${tag}\n`);
  expect(readText("deploy/kubernetes/kustomization.yaml")).toContain(`newTag: ${packageVersion()}\n`);
});
