import { setTimeout } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Closer } from "./closing.js";
import { type RedisMeter, startRedis } from "./meter.js";
import { candidate, sdp } from "./payloads.js";
import { MeasuredProcess } from "./process.js";
import { failure, type Kind, type Line, type System, type Usage, usageOf } from "./system.js";

/** The payloads of our browser client, as objects. */
const signals: Record<Kind, unknown> = {
  description: { description: { type: "offer", sdp, connectionId: "c" } },
  candidate: { candidate },
};

/** How long to wait for the Redis subscription of a room, which is not reported. Too early a signal fails the run. */
const JOIN_MS = 1_000;

/** Engine.IO's open, ping and pong; Socket.IO's connect and the prefix of a signal. */
const wire = { open: "0", ping: "2", pong: "3", connect: "40", event: "42", signal: '42["signal"' };

/** Socket.IO with one of its Redis adapters: senders on one instance, each with a room of one member on the other. */
export class SocketIo implements System {
  private constructor(
    readonly name: string,
    readonly lines: readonly Line[],
    readonly failed: Promise<never>,
    private readonly processes: readonly MeasuredProcess[],
    private readonly meter: RedisMeter,
  ) {}

  static async start(
    adapter: "classic" | "sharded",
    pairs: number,
    later: (closer: Closer) => void,
  ): Promise<SocketIo> {
    const { url, meter } = await startRedis(later);
    const program = ["--import", "tsx", "test/bench/redis/socket-io-server.ts"];
    const variables = { NODE_ENV: "production", REDIS_URL: url, ADAPTER: adapter };
    const start = () => MeasuredProcess.start(program, variables, later);
    const processes = await Promise.all([start(), start()]);
    const [here = 0, there = 0] = processes.map(({ port }) => port);
    const { failed, fail } = failure();
    const lines: Line[] = [];
    for (let index = 0; index < pairs; index++) {
      lines.push(lineInto(`match-${String(index)}`, await connect(here, fail), await connect(there, fail)));
    }
    await setTimeout(JOIN_MS);
    return new SocketIo(`socket.io, ${adapter} adapter`, lines, failed, processes, meter);
  }

  /** Its connections stay open. */
  prepare(): Promise<void> {
    return Promise.resolve();
  }

  usage(): Promise<Usage> {
    return usageOf(this.processes, this.meter);
  }
}

/** A connection in Socket.IO's format on a minimal WebSocket, as the client's work is not measured. */
async function connect(port: number, fail: (error: unknown) => void): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("a connection to socket.io closed")));
  await new Promise<void>((resolve) => {
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      if (text === wire.ping) socket.send(wire.pong);
      else if (text.startsWith(wire.open)) socket.send(wire.connect);
      else if (text.startsWith(wire.connect)) resolve();
    });
  });
  return socket;
}

/** A line from a sender to the room of a receiver. */
function lineInto(room: string, sender: WebSocket, receiver: WebSocket): Line {
  const packet = (kind: Kind) => `${wire.event}${JSON.stringify(["signal", room, signals[kind]])}`;
  const packets: Record<Kind, string> = { description: packet("description"), candidate: packet("candidate") };
  const line: Line = {
    send: ({ kind, count }) => {
      for (let left = count; left > 0; left--) sender.send(packets[kind]);
    },
    onArrival: () => undefined,
  };
  receiver.on("message", (data: Buffer) => {
    if (data.toString("latin1", 0, wire.signal.length) === wire.signal) line.onArrival();
  });
  receiver.send(`${wire.event}${JSON.stringify(["join", room])}`);
  return line;
}
