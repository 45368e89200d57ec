import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { beforeEach, expect, it, vi } from "vitest";
import { SignalResponseSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import { createApi } from "../../src/client/connection/api.js";
import { SatoshigleError } from "../../src/client/errors.js";
import { isUnreadable } from "../../src/client/connection/error-mapping.js";
import { Session } from "../../src/client/connection/session.js";
import { SessionStream } from "../../src/client/connection/session-stream.js";
import { pass, ScriptedServer, snapshotOf } from "./scripted-server.js";
import { useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

const poison = () => new ConnectError("parse binary: maximum recursion depth reached", Code.Internal);
const waiting = (waitingCount: number) => ({ case: "waiting" as const, value: { waitingCount } });

/** Resumes at the requested position, and sends an unreadable event next. */
async function resumeIntoPoison(lastSequence: number): Promise<void> {
  await server.stream.welcome({ resumed: true, lastSequence });
  await server.stream.fail(poison());
}

it("distinguishes an unreadable event from a broken connection", async () => {
  const nested = Buffer.concat([Buffer.alloc(200, 0x7b), Buffer.alloc(200, 0x7c)]);
  const bytes = Buffer.concat([toBinary(SignalResponseSchema, create(SignalResponseSchema)), nested]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  const headers = { "content-type": "application/connect+proto" };
  const answers = [() => Promise.resolve(new Response(Buffer.concat([head, bytes]), { headers })), brokenConnection];
  const read: boolean[] = [];
  for (const fetch of answers) {
    const transport = createConnectTransport({ baseUrl: "http://x", useBinaryFormat: true, fetch });
    const api = createApi({ transport, currentToken: () => undefined });
    const responses = api.signal({}, new AbortController().signal)[Symbol.asyncIterator]();
    read.push(await responses.next().then(() => false, isUnreadable));
  }
  expect(read).toEqual([true, false]);
});

const brokenConnection = (): Promise<Response> => Promise.reject(new TypeError("Failed to fetch"));

it("requests a snapshot when an unreadable event comes twice", async () => {
  const harness = await ClientHarness.wait(server);
  await server.stream.fail(poison());
  await pass(250);
  expect(server.stream.request).toMatchObject({ epoch: "e1", lastSequence: 1 });
  await resumeIntoPoison(1);
  await pass(1_000);
  expect(server.stream.request).toMatchObject({ epoch: "", lastSequence: 0 });
  const state = { case: "waiting" as const, value: { waitingCount: 7 } };
  await server.stream.welcome({ resumed: false, lastSequence: 2, ...snapshotOf(state) });
  await server.stream.event(waiting(8));
  expect(harness.client.state.activity).toMatchObject({ waitingCount: 8 });
  await server.stream.end();
  await pass(1_000);
  expect(server.stream.request).toMatchObject({ epoch: "e1", lastSequence: 3 });
  expect(server.streams).toHaveLength(4);
});

it("keeps its position when a connection breaks", async () => {
  await ClientHarness.wait(server);
  for (let times = 0; times < 3; times++) {
    await server.stream.fail(new ConnectError("network", Code.Unavailable));
    await pass(2_000);
    expect(server.stream.request).toMatchObject({ epoch: "e1", lastSequence: 1 });
    await server.stream.welcome({ resumed: true, lastSequence: 1 });
  }
});

it("continues when a listener of the page throws, and reports the error to the page", async () => {
  const reported: unknown[] = [];
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
  const harness = await ClientHarness.wait(server);
  const failure = new Error("a bug of the page");
  const off = harness.client.on("state", () => {
    throw failure;
  });
  await server.stream.event(waiting(2));
  off();
  await server.stream.event(waiting(3));
  expect(harness.client.state.activity).toMatchObject({ waitingCount: 3 });
  expect(reported).toEqual([failure]);
  expect(server.streams).toHaveLength(1);
});

it("continues past events that it fails to handle, and recovers with a snapshot at intervals", async () => {
  const [heard, problems]: [number[], string[]] = [[], []];
  const fresh: boolean[] = [];
  const stream = new SessionStream(
    {
      api: createApi({ transport: server.transport, currentToken: () => undefined }),
      session: new Session("x", null),
      baseUrl: "http://x",
    },
    {
      connection: () => undefined,
      welcome: (_, isFresh) => {
        fresh.push(isFresh);
        throw new Error("a bug of ours");
      },
      event: ({ event }) => {
        const { waitingCount } = event.value as { waitingCount: number };
        if (waitingCount < 50) throw new Error("a bug of ours");
        heard.push(waitingCount);
      },
      problem: ({ code }) => problems.push(code),
      stopped: () => problems.push("stopped"),
      renewConnections: () => undefined,
    },
  );
  stream.start();
  await pass(0);
  const first = server.stream;
  await first.welcome();
  for (let times = 0; times < 52; times++) await first.event(waiting(times));
  expect(heard).toEqual([50, 51]);
  expect(problems).toEqual(Array(51).fill("internal"));
  await pass(1);
  expect(server.streams).toHaveLength(2);
  expect(server.stream.request).toMatchObject({ epoch: "", lastSequence: 0 });
  await server.stream.welcome({ lastSequence: 52 });
  await server.stream.event(waiting(99));
  expect([heard.at(-1), fresh]).toEqual([99, [true, true]]);
  stream.stop(new SatoshigleError("internal", "over"));
});
