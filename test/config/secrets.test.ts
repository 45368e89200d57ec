import { expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../src/config.js";
import { withoutCredentials } from "../../src/config/redact.js";

function refusalOf(environment: Record<string, string>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the configuration was not refused");
}

it.each([
  "redis//:hunter2@redis:6379",
  "redis://a:hunter2@one,rediss//b:hunter2@two",
  "http://:hunter2@x@redis",
  "redis://user:top#hunter2@host",
  "redis://user:6379#hunter2@host",
  "redis://user:6379/hunter2@host",
  "redis://user:6379?hunter2@host",
  "redis://user:12,hunter2@host",
  "redis://user:hunter2,12@host",
  "redis://user:a@hunter2@ho st",
  "redis://user:hunter2%zz@host",
  "redis://user:hunter2",
  "redis://:hunter2",
  "hunter2@host:6379",
  "user:hunter2",
])("does not show the password in REDIS_URL=%s", (REDIS_URL) => {
  const refusal = refusalOf({ REDIS_URL });
  expect(refusal).toMatch(/^REDIS_URL=\(hidden\)/);
  expect(refusal).not.toContain("hunter2");
});

it.each(["CLIENT_URL", "TURN_URLS", "STUN_URLS", "HOSTS", "PORT"])("does not show a password in %s", (name) => {
  const refusal = refusalOf({ [name]: "https://someone:hunter2@example.com/x" });
  expect(refusal).toContain(`${name}=(hidden)@example.com/x`);
  expect(refusal).not.toContain("hunter2");
});

it("accepts percent-encoded passwords", () => {
  const REDIS_URL = "redis://user:%23%2F%3F%40%25%2C@host:6380/2";
  expect(loadConfig({ REDIS_URL }).REDIS_URL).toEqual([REDIS_URL]);
});

it.each([
  ["redis://user:hunter2@host:6380/2", "redis://host:6380/2"],
  ["rediss://:hunter2@[::1]", "rediss://[::1]"],
  ["redis://host?password=hunter2", "redis://host"],
])("shows %s without credentials", (url, shown) => {
  expect(withoutCredentials(url)).toBe(shown);
});
