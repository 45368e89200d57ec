import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { limitReached, pass, ScriptedServer, settle, type ServerStream } from "./scripted-server.js";
import { outcome, pendingTimers, useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

/** More than the growing pauses between streams allow in two minutes. */
const MAX_STREAMS = 40;

/** Twenty seconds in which each stream opens and then runs `drive`. */
async function serve(drive: (stream: ServerStream) => Promise<void>): Promise<void> {
  let served: ServerStream | undefined;
  for (let tenths = 0; tenths < 200; tenths++) {
    const stream = server.streams.at(-1);
    if (stream !== undefined && stream !== served) {
      await stream.welcome();
      await drive(stream);
    }
    served = stream;
    await pass(100);
  }
}

describe("a server that drains or closes every stream", () => {
  it.each<[string, (stream: ServerStream) => Promise<void>]>([
    ["drains every stream", (stream) => stream.control({ case: "draining", value: {} })],
    [
      "closes every stream and asks clients to reconnect",
      (stream) =>
        stream.control({
          case: "sessionClosed",
          value: { reason: SessionClosed_Reason.SHUTTING_DOWN, shouldReconnect: true },
        }),
    ],
    ["ends every stream", (stream) => stream.end()],
    ["skips an event on every stream", (stream) => stream.raw(9, { case: "waiting", value: {} })],
  ])("is not flooded when it %s", async (_, drive) => {
    const harness = new ClientHarness(server);
    harness.client.connect().catch(() => undefined);
    await serve(drive);
    expect(server.streams.length).toBeGreaterThan(5);
    expect(server.streams.length).toBeLessThan(12);
    await harness.client.close();
  });

  it("is left in time when it asks clients to wait for weeks", async () => {
    const harness = await ClientHarness.wait(server);
    const weeksMs = 30 * 86_400_000; // a browser's timer overflows at 24 days, and would fire at once
    await server.stream.control({ case: "draining", value: { reconnectAfter: durationFromMs(weeksMs) } });
    await pass(1_000);
    expect(server.streams).toHaveLength(1);
    expect(harness.status).toBe("online");
  });

  it("is not flooded with reconnects when it ends every stream at once", async () => {
    const value = { sessionId: "anna", token: "secret", epoch: "e1", heartbeatInterval: durationFromMs(0) };
    server.onStream = () => void server.stream.control({ case: "welcome", value });
    const harness = new ClientHarness(server);
    await harness.client.connect();
    await pass(120_000);
    expect(server.streams.length).toBeLessThan(MAX_STREAMS);
    await harness.client.close();
  });
});

const codes = Object.values(Code).filter((code): code is Code => typeof code === "number");

it.each(codes.map((code) => [Code[code], code] as const))(
  "is not flooded when it answers every call and every second stream with %s",
  async (_, code) => {
    let count = 0;
    const refuse = () => {
      throw new ConnectError("no", code);
    };
    server.onCall = refuse;
    server.onStream = () => {
      if (count++ % 2 > 0) refuse();
      const { stream } = server;
      void stream.welcome().then(() => stream.fail(new ConnectError("no", code)));
    };
    const harness = new ClientHarness(server);
    const commands = [() => harness.client.start(), () => harness.client.next(), () => harness.client.stop()];
    const outcomes = commands.map((command) => outcome(command()));
    await pass(120_000);
    expect(server.streams.length).toBeLessThan(2 * MAX_STREAMS);
    expect(server.calls.length).toBeLessThan(2 * MAX_STREAMS);
    await harness.client.close();
    await pass(60_000);
    await Promise.all(outcomes);
    expect(pendingTimers()).toEqual([]);
  },
);

describe("a clock that is set back by an hour", () => {
  const setBack = () => vi.setSystemTime(Date.now() - 3_120_000);

  it("does not delay a reconnect that was due in a minute", async () => {
    const harness = await ClientHarness.arrive(server);
    server.onStream = () => {
      throw limitReached(60_000);
    };
    await server.stream.end();
    await pass(1_000);
    setBack();
    server.onStream = undefined;
    harness.client.connect().catch(() => undefined);
    await pass(130_000);
    await server.stream.welcome();
    await settle();
    expect(harness.status).toBe("online");
  });

  it("does not hide a silent stream", async () => {
    const harness = await ClientHarness.arrive(server);
    setBack();
    await pass(60_000);
    expect(server.streams.length).toBeGreaterThan(1);
    expect(harness.status).toBe("reconnecting");
  });
});
