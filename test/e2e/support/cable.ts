import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A link between one page and the server, which can be cut, or go silent without closing connections. */
export class Cable {
  readonly #sockets = new Set<Socket>();
  #state: "fine" | "cut" | "silent" = "fine";
  readonly #down: Buffer[] = [];
  readonly #up: Buffer[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: string): Promise<Cable> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const cable = new Cable(server, `http://localhost:${String(port)}`);
    server.on("connection", (socket) => cable.#plug(socket, Number(new URL(target).port)));
    return cable;
  }

  /** All bytes that the page received and sent. */
  get traffic(): { received: string; sent: string } {
    const [received, sent] = [this.#down, this.#up].map((chunks) => Buffer.concat(chunks).toString("latin1"));
    return { received: received ?? "", sent: sent ?? "" };
  }

  /** Breaks all connections; new ones are refused. */
  cut(): void {
    this.#state = "cut";
    this.#sockets.forEach((socket) => socket.destroy());
  }

  /** Drops all data without closing connections. */
  silence(): void {
    this.#state = "silent";
    this.#sockets.forEach((socket) => socket.pause());
  }

  mend(): void {
    this.#sockets.forEach((socket) => socket.destroy());
    this.#state = "fine";
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  #plug(page: Socket, port: number): void {
    this.#keep(page);
    if (this.#state === "cut") page.destroy();
    if (this.#state !== "fine") return;
    const server = connect(port, "127.0.0.1");
    this.#keep(server);
    page.on("data", (chunk: Buffer) => this.#up.push(chunk));
    server.on("data", (chunk: Buffer) => this.#down.push(chunk));
    page.pipe(server).pipe(page);
    page.on("close", () => server.destroy());
    server.on("close", () => page.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => this.#sockets.delete(socket));
  }
}
