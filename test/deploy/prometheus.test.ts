import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { request } from "../support/http.js";
import { pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { startServer } from "../support/server.js";
import { ending, readText, readYaml } from "./support/files.js";

const RULES = "deploy/prometheus/rules.yml";
const TESTS = "test/deploy/rules.test.yml";

interface Rules {
  groups: { rules: { alert: string }[] }[];
}

it("has rules and a configuration that Prometheus accepts", async () => {
  expect(await ending("promtool", ["check", "rules", "--lint=all", "--lint-fatal", RULES])).toMatchObject({ code: 0 });
  expect(await ending("promtool", ["check", "config", "deploy/prometheus/prometheus.yml"])).toMatchObject({ code: 0 });
});

it("has alerts that fire when they should, and not before", async () => {
  const { code, output } = await ending("promtool", ["test", "rules", TESTS]);
  expect(code, output).toBe(0);
});

it("has a test in which each alert fires", () => {
  const fired = new Set([...readText(TESTS).matchAll(/alertname="(\w+)"/g)].map(([, name]) => name));
  const alerts = (readYaml(RULES) as Rules).groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect([...fired].sort()).toEqual(alerts.sort());
});

it("has alerts on existing metrics only", async () => {
  const server = await startServer(roomy);
  const exposed = (await request(`${server.internalUrl}/metrics`)).text;
  const names = readText(RULES).match(/satoshigle_\w+(?=\{)/g) ?? [];
  for (const name of names) expect(exposed).toContain(`# TYPE ${name.replace(/_bucket$/, "")} `);
  await server.close();
});

it("promtool reports nothing about the metrics of a server with traffic", async () => {
  const server = await startServer(roomy);
  await pair(transportTo(server.url));
  const promtool = spawn("promtool", ["check", "metrics"]);
  promtool.stdin.end((await request(`${server.internalUrl}/metrics`)).text);
  const [stdout, stderr] = await Promise.all([text(promtool.stdout), text(promtool.stderr), once(promtool, "exit")]);
  expect(stdout + stderr).toBe("");
  expect(promtool.exitCode).toBe(0);
  await server.close();
});
