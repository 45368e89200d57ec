import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, expect, it } from "vitest";
import { away, limitReached, pass, ScriptedServer, sessionOver, settle } from "./scripted-server.js";
import { outcome, useFakeClock, Visitor } from "./visitor.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

it("carries out one command at a time, and a report beside it", async () => {
  const visitor = await Visitor.match(server);
  const acknowledge: (() => void)[] = [];
  server.onCall = () => new Promise((resolve) => acknowledge.push(resolve));
  const next = visitor.client.next();
  await settle();
  const stopped = visitor.client.stop();
  const reported = visitor.client.report("spam", "", "m1");
  await settle();
  expect(server.names.slice(1)).toEqual(["match", "report"]);
  acknowledge[0]?.();
  await settle();
  expect(server.names.slice(1)).toEqual(["match", "report", "leave"]);
  acknowledge[1]?.();
  acknowledge[2]?.();
  await Promise.all([next, reported, stopped, settle()]);
});

it("holds commands back while the stream is away, and a stop takes the place of what waits", async () => {
  const visitor = await Visitor.match(server);
  await server.stream.end();
  const next = outcome(visitor.client.next());
  const reported = outcome(visitor.client.report("spam", "a bot", "m1"));
  const stopped = outcome(visitor.client.stop());
  await settle();
  expect(server.names).toEqual(["match"]);
  await pass(250);
  await server.stream.welcome({ resumed: true, lastSequence: 2 });
  await settle();
  expect(server.names).toEqual(["match", "report", "leave"]);
  expect(await Promise.all([next, reported, stopped])).toEqual(["done", "done", "done"]);
});

it("repeats a command until the server can take it", async () => {
  const visitor = await Visitor.arrive(server);
  let refusals = 2;
  server.onCall = () => {
    if (refusals-- > 0) throw away();
  };
  const started = outcome(visitor.client.start());
  await pass(250);
  await pass(400);
  expect(await started).toBe("done");
  expect(server.matches).toHaveLength(3);
});

it("repeats a command that was not answered in time", async () => {
  const visitor = await Visitor.arrive(server);
  let silent = true;
  server.onCall = () => (silent ? new Promise(() => undefined) : undefined);
  const started = outcome(visitor.client.start());
  await pass(7_000);
  await server.stream.tell({ case: "heartbeat", value: {} });
  silent = false;
  await pass(1_250);
  expect(await started).toBe("done");
  expect(server.matches).toHaveLength(2);
});

it("rejects what the server refuses, and goes back to where it was", async () => {
  const visitor = await Visitor.arrive(server);
  server.onCall = () => {
    throw new ConnectError("interests: too long", Code.InvalidArgument);
  };
  const started = visitor.client.start({ interests: ["x".repeat(40)] });
  await Promise.all([expect(started).rejects.toMatchObject({ code: "invalid" }), settle()]);
  expect(visitor.phase).toBe("idle");
  expect(server.matches).toHaveLength(1);
});

it("keeps its place in the queue when other preferences are refused", async () => {
  const visitor = await Visitor.wait(server);
  server.onCall = () => {
    throw new ConnectError("languages: too many", Code.InvalidArgument);
  };
  const started = outcome(visitor.client.start({ languages: ["xx"] }));
  await settle();
  expect(await started).toBe("invalid");
  expect(visitor.phase).toBe("waiting");
});

it("says when a limit ends, and does not hold on to a match that was left", async () => {
  const visitor = await Visitor.match(server);
  server.onCall = (name) => {
    if (name === "match") throw limitReached(7_000);
  };
  const next = visitor.client.next();
  await Promise.all([expect(next).rejects.toMatchObject({ code: "limit_reached", retryAfterMs: 7_000 }), settle()]);
  expect(visitor.phase).toBe("idle");
  expect(server.names).toEqual(["match", "match", "leave"]);
});

it("waits until a limit ends to leave", async () => {
  const visitor = await Visitor.wait(server);
  let limited = true;
  server.onCall = () => {
    if (limited) throw limitReached(7_000);
  };
  const stopped = outcome(visitor.client.stop());
  await pass(6_999);
  limited = false;
  expect(server.names).toEqual(["match", "leave"]);
  await pass(1);
  expect(server.names).toEqual(["match", "leave", "leave"]);
  expect(await stopped).toBe("done");
});

it("repeats a command in a new session when its own was over", async () => {
  const visitor = await Visitor.arrive(server);
  server.onStream = () => {
    if (server.stream.token === "Bearer secret") throw sessionOver();
  };
  server.onCall = () => {
    if (server.calls.at(-1)?.token === "Bearer secret") throw sessionOver();
  };
  const started = outcome(visitor.client.start());
  await settle();
  await pass(250);
  await server.stream.welcome({ sessionId: "anna2", token: "secret2" });
  await settle();
  expect(await started).toBe("done");
  expect(server.calls.map((call) => call.token)).toEqual(["Bearer secret", "Bearer secret2"]);
});
