import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** As in a home router: what does not fit is lost. */
const QUEUE_BYTES = 20_000;

/** A line to a UDP server that carries no more than a bitrate in each direction, and for each client. */
export class ThinLine {
  bitsPerSecond = Infinity;
  readonly #upstream = new Map<number, Socket>();

  private constructor(
    private readonly socket: Socket,
    private readonly target: { address: string; port: number },
  ) {}

  static async to(address: string, port: number): Promise<ThinLine> {
    const socket = createSocket("udp4").bind(0, address);
    await once(socket, "listening");
    const line = new ThinLine(socket, { address, port });
    socket.on("message", (data, from) => line.#clientOf(from.port, from.address)(data));
    return line;
  }

  get port(): number {
    return this.socket.address().port;
  }

  close(): void {
    for (const socket of [this.socket, ...this.#upstream.values()]) socket.close();
  }

  readonly #up = new Map<number, (data: Buffer) => void>();

  /** Sends to the server for a client, each from a port of its own. */
  #clientOf(port: number, address: string): (data: Buffer) => void {
    const known = this.#up.get(port);
    if (known) return known;
    const upstream = createSocket("udp4");
    this.#upstream.set(port, upstream);
    const down = this.#queue((data) => this.socket.send(data, port, address));
    upstream.on("message", down);
    const up = this.#queue((data) => upstream.send(data, this.target.port, this.target.address));
    this.#up.set(port, up);
    return up;
  }

  /** Delivers at the line's bitrate, in order. */
  #queue(deliver: (data: Buffer) => void): (data: Buffer) => void {
    let freeAtMs = 0;
    return (data) => {
      const nowMs = performance.now();
      const bytesWaiting = (Math.max(0, freeAtMs - nowMs) * this.bitsPerSecond) / 8_000;
      if (bytesWaiting > QUEUE_BYTES) return;
      freeAtMs = Math.max(nowMs, freeAtMs) + (data.length * 8_000) / this.bitsPerSecond;
      setTimeout(() => deliver(data), freeAtMs - nowMs);
    };
  }
}
