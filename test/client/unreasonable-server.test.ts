import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { limitReached, pass, ScriptedServer, settle, type ServerStream } from "./scripted-server.js";
import { outcome, useFakeClock, Visitor } from "./visitor.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

/** What the growing pauses between streams allow in two minutes, with room to spare. */
const most = 40;

/** Twenty seconds in which each stream opens, and then goes on like this. */
async function serve(goOn: (stream: ServerStream) => Promise<void>): Promise<void> {
  let served: ServerStream | undefined;
  for (let tenths = 0; tenths < 200; tenths++) {
    const stream = server.streams.at(-1);
    if (stream !== undefined && stream !== served) {
      await stream.welcome();
      await goOn(stream);
    }
    served = stream;
    await pass(100);
  }
}

describe("a server that sends everybody away", () => {
  it.each<[string, (stream: ServerStream) => Promise<void>]>([
    ["says Draining on every stream", (stream) => stream.tell({ case: "draining", value: {} })],
    [
      "closes every stream and wants its people back",
      (stream) =>
        stream.tell({
          case: "sessionClosed",
          value: { reason: SessionClosed_Reason.SHUTTING_DOWN, shouldReconnect: true },
        }),
    ],
    ["ends every stream", (stream) => stream.end()],
    ["skips an event on every stream", (stream) => stream.raw(9, { case: "waiting", value: {} })],
  ])("is not stormed when it %s", async (_, goOn) => {
    const visitor = new Visitor(server);
    visitor.client.connect().catch(() => undefined);
    await serve(goOn);
    expect(server.streams.length).toBeGreaterThan(5);
    expect(server.streams.length).toBeLessThan(12);
    await visitor.client.close();
  });

  it("is left in time when it wants its people to wait for weeks", async () => {
    const visitor = await Visitor.wait(server);
    const weeksMs = 30 * 86_400_000; // a browser's timer overflows at 24 days, and would fire at once
    await server.stream.tell({ case: "draining", value: { reconnectAfter: durationFromMs(weeksMs) } });
    await pass(1_000);
    expect(server.streams).toHaveLength(1);
    expect(visitor.status).toBe("online");
  });

  it("is not stormed when no stream is given the time to live", async () => {
    const value = { sessionId: "anna", token: "secret", epoch: "e1", heartbeatInterval: durationFromMs(0) };
    server.onStream = () => void server.stream.tell({ case: "welcome", value });
    const visitor = new Visitor(server);
    await visitor.client.connect();
    await pass(120_000);
    expect(server.streams.length).toBeLessThan(most);
    await visitor.client.close();
  });
});

const codes = Object.values(Code).filter((code): code is Code => typeof code === "number");

it.each(codes.map((code) => [Code[code], code] as const))(
  "is not stormed when it answers every call and every second stream with %s",
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
    const visitor = new Visitor(server);
    const commands = [() => visitor.client.start(), () => visitor.client.next(), () => visitor.client.stop()];
    const outcomes = commands.map((command) => outcome(command()));
    await pass(120_000);
    expect(server.streams.length).toBeLessThan(2 * most);
    expect(server.calls.length).toBeLessThan(2 * most);
    await visitor.client.close();
    await pass(60_000);
    await Promise.all(outcomes);
    expect(vi.getTimerCount()).toBe(0);
  },
);

describe("a clock that is set back by an hour", () => {
  const setBack = () => vi.setSystemTime(Date.now() - 3_120_000);

  it("keeps nobody away who was to come back in a minute", async () => {
    const visitor = await Visitor.arrive(server);
    server.onStream = () => {
      throw limitReached(60_000);
    };
    await server.stream.end();
    await pass(1_000);
    setBack();
    server.onStream = undefined;
    visitor.client.connect().catch(() => undefined);
    await pass(130_000);
    await server.stream.welcome();
    await settle();
    expect(visitor.status).toBe("online");
  });

  it("hides no stream that went silent", async () => {
    const visitor = await Visitor.arrive(server);
    setBack();
    await pass(60_000);
    expect(server.streams.length).toBeGreaterThan(1);
    expect(visitor.status).toBe("reconnecting");
  });
});
