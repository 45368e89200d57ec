import { Writable } from "node:stream";
import { Redis, Command } from "ioredis";
import { fastify } from "fastify";
import { expect, it } from "vitest";
import { createLogger } from "../../src/adapters/pino/logger.js";
import { standardOutput } from "../../src/adapters/pino/standard-output.js";
import { describeError } from "../../src/adapters/pino/describe-error.js";
import { DomainError } from "../../src/core/errors.js";
import { RedisServer } from "../support/redis.js";

const secret = "canary0123456789";

/** Errors of stores, with a secret wherever an error can contain one. */
function bad(cause?: unknown): Error {
  const error = new Error(`ERR unknown command, with args beginning with: ${secret}`, { cause });
  return Object.assign(error, {
    name: `ReplyError ${secret}`,
    code: `E ${secret}`,
    command: { name: "evalsha", args: [secret] },
    lastNodeError: new Error(secret),
    stack: `ReplyError: ${secret}\n    at ${secret}!\n    at run (/src/store.ts:12:5)\n    at node:internal/timers:1:2`,
  });
}

function logOf(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  const line = { write: (one: string) => void (text += one) };
  write(createLogger({ level: "trace" }, line));
  return text;
}

it("describes an error by type and origin, without its content", () => {
  const errors = [bad(), bad(bad(bad())), new AggregateError([bad(), bad()], secret)];
  const log = logOf((logger) => {
    for (const error of errors) {
      logger.error(error);
      logger.error({ err: error });
      logger.error({ err: error, method: "Send" }, "call failed");
      logger.error(error, "call failed");
      logger.error("call failed: %s", error);
      logger.child({ part: "http" }).error({ error, reason: error }, "failed");
      fastify({ loggerInstance: logger }).log.error({ err: error });
    }
  });
  expect(log.split("\n").length).toBe(22);
  expect(log).not.toContain(secret);
  expect(log).toContain("store.ts:12:5");
});

it("keeps messages of this project, and system error codes", () => {
  const store = new DomainError("store_away", "the store cannot be reached right now; try again");
  expect(describeError(store)).toMatchObject({ name: "DomainError", code: "store_away", message: store.message });
  const system = Object.assign(new Error(`connect ECONNREFUSED ${secret}`), { code: "ECONNREFUSED" });
  expect(describeError(system)).toMatchObject({ name: "Error", code: "ECONNREFUSED" });
  expect(describeError(system).stack).toContain("pino.test.ts");
  expect(describeError(secret)).toEqual({ name: "string" });
});

it("recognizes the errors of ioredis", async () => {
  const redis = await RedisServer.start();
  const client = new Redis(redis.url);
  const errors = await Promise.all(
    [new Command("hget", [secret]), new Command("eval", [`return ${secret}..`, 0]), new Command(secret, [secret])].map(
      (command) => (client.sendCommand(command) as Promise<unknown>).catch((error: unknown) => error),
    ),
  );
  client.disconnect();
  await redis.close();
  expect(errors.map((error) => String(error)).join()).toContain(secret);
  const log = logOf((logger) => {
    for (const err of errors) logger.error({ err }, "Redis is unavailable");
  });
  expect(log).toContain('"name":"ReplyError","code":"ERR"');
  expect(log).not.toContain(secret);
});

it("buffers a limited amount for a reader that does not read, and reports what was lost", () => {
  let read: () => void = () => undefined;
  let text = "";
  const output = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      read = done;
    },
  });
  const logger = createLogger({ level: "info" }, standardOutput(output));
  for (let line = 0; line < 30; line++) logger.info("x".repeat(100_000));
  expect(output.writableLength).toBeLessThan(1_250_000);
  while (output.writableLength > 0) read();
  logger.info("goes on");
  expect(text).toContain("lines of the log were lost");
  expect(text).toContain("goes on");
});
