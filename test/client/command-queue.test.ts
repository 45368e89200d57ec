import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, expect, it } from "vitest";
import { away, limitReached, pass, ScriptedServer, sessionOver, settle } from "./scripted-server.js";
import { outcome, useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

it("sends one command at a time, and a report in parallel", async () => {
  const harness = await ClientHarness.match(server);
  const acknowledge: (() => void)[] = [];
  server.onCall = () => new Promise((resolve) => acknowledge.push(resolve));
  const next = harness.client.next();
  await settle();
  const stopped = harness.client.stop();
  const reported = harness.client.report("spam", "", "m1");
  await settle();
  expect(server.names.slice(1)).toEqual(["match", "report"]);
  acknowledge[0]?.();
  await settle();
  expect(server.names.slice(1)).toEqual(["match", "report", "leave"]);
  acknowledge[1]?.();
  acknowledge[2]?.();
  await Promise.all([next, reported, stopped, settle()]);
});

it("holds commands back while the stream is down, and lets a stop supersede them", async () => {
  const harness = await ClientHarness.match(server);
  await server.stream.end();
  const next = outcome(harness.client.next());
  const reported = outcome(harness.client.report("spam", "a bot", "m1"));
  const stopped = outcome(harness.client.stop());
  await settle();
  expect(server.names).toEqual(["match"]);
  await pass(250);
  await server.stream.welcome({ resumed: true, lastSequence: 2 });
  await settle();
  expect(server.names).toEqual(["match", "report", "leave"]);
  expect(await Promise.all([next, reported, stopped])).toEqual(["done", "done", "done"]);
});

it("retries a command until the server accepts it", async () => {
  const harness = await ClientHarness.arrive(server);
  let refusals = 2;
  server.onCall = () => {
    if (refusals-- > 0) throw away();
  };
  const started = outcome(harness.client.start());
  await pass(250);
  await pass(400);
  expect(await started).toBe("done");
  expect(server.matches).toHaveLength(3);
});

it("retries a command that timed out", async () => {
  const harness = await ClientHarness.arrive(server);
  let silent = true;
  server.onCall = () => (silent ? new Promise(() => undefined) : undefined);
  const started = outcome(harness.client.start());
  await pass(7_000);
  await server.stream.control({ case: "heartbeat", value: {} });
  silent = false;
  await pass(1_250);
  expect(await started).toBe("done");
  expect(server.matches).toHaveLength(2);
});

it("rejects a refused command and restores the previous state", async () => {
  const harness = await ClientHarness.arrive(server);
  server.onCall = () => {
    throw new ConnectError("interests: too long", Code.InvalidArgument);
  };
  const started = harness.client.start({ interests: ["x".repeat(40)] });
  await Promise.all([expect(started).rejects.toMatchObject({ code: "invalid" }), settle()]);
  expect(harness.phase).toBe("idle");
  expect(server.matches).toHaveLength(1);
});

it("keeps its place in the queue when new preferences are refused", async () => {
  const harness = await ClientHarness.wait(server);
  server.onCall = () => {
    throw new ConnectError("languages: too many", Code.InvalidArgument);
  };
  const started = outcome(harness.client.start({ languages: ["xx"] }));
  await settle();
  expect(await started).toBe("invalid");
  expect(harness.phase).toBe("waiting");
});

it("reports when a limit ends, and does not keep a match that was left", async () => {
  const harness = await ClientHarness.match(server);
  server.onCall = (name) => {
    if (name === "match") throw limitReached(7_000);
  };
  const next = harness.client.next();
  await Promise.all([expect(next).rejects.toMatchObject({ code: "limit_reached", retryAfterMs: 7_000 }), settle()]);
  expect(harness.phase).toBe("idle");
  expect(server.names).toEqual(["match", "match", "leave"]);
});

it("waits for a limit to end before it leaves", async () => {
  const harness = await ClientHarness.wait(server);
  let limited = true;
  server.onCall = () => {
    if (limited) throw limitReached(7_000);
  };
  const stopped = outcome(harness.client.stop());
  await pass(6_999);
  limited = false;
  expect(server.names).toEqual(["match", "leave"]);
  await pass(1);
  expect(server.names).toEqual(["match", "leave", "leave"]);
  expect(await stopped).toBe("done");
});

it("retries a command in a new session when its own is over", async () => {
  const harness = await ClientHarness.arrive(server);
  server.onStream = () => {
    if (server.stream.token === "Bearer secret") throw sessionOver();
  };
  server.onCall = () => {
    if (server.calls.at(-1)?.token === "Bearer secret") throw sessionOver();
  };
  const started = outcome(harness.client.start());
  await settle();
  await pass(250);
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  await settle();
  expect(await started).toBe("done");
  expect(server.calls.map((call) => call.token)).toEqual(["Bearer secret", "Bearer secret2"]);
});
