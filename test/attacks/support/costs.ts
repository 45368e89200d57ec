import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { Target } from "./target.js";

/** A call that is refused. */
export interface Refusable {
  port: number;
  version: "h1" | "h2";
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** The answer to a call, and its cost for the server. */
export interface Cost {
  status: number;
  /** Size of the answer: its body, and over HTTP/2 its trailers. */
  bytes: number;
  /** CPU time of the server per call, in milliseconds. */
  cpuMs: number;
}

/** Measures the cost of calls, over persistent connections. */
export class Costs {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  readonly #sessions = new Map<number, http2.ClientHttp2Session>();

  constructor(
    private readonly target: Target,
    private readonly callsPerRound: number,
  ) {}

  /** One round: many sequential calls. */
  async round(call: Refusable): Promise<Cost> {
    const before = await this.target.cpuMs();
    let answer = { status: 0, bytes: 0 };
    for (let index = 0; index < this.callsPerRound; index++) answer = await this.#send(call);
    const cpuMs = ((await this.target.cpuMs()) - before) / this.callsPerRound;
    return { ...answer, cpuMs };
  }

  close(): void {
    this.#agent.destroy();
    this.#sessions.forEach((session) => session.destroy());
  }

  #send(call: Refusable): Promise<{ status: number; bytes: number }> {
    return call.version === "h1" ? this.#sendH1(call) : this.#sendH2(call);
  }

  async #sendH1({ port, path, headers, body }: Refusable) {
    const all = { ...headers, "content-length": String(body.length) };
    const request = http.request({ port, host: "127.0.0.1", method: "POST", path, agent: this.#agent, headers: all });
    request.end(body);
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    return { status: response.statusCode ?? 0, bytes };
  }

  async #sendH2({ port, path, headers, body }: Refusable) {
    const stream = this.#session(port).request({ ":method": "POST", ":path": path, ...headers });
    stream.end(body);
    let [status, bytes] = [0, 0];
    stream.once("response", (head) => (status = head[":status"] ?? 0));
    stream.once("trailers", (trailers: http2.IncomingHttpHeaders) => (bytes += JSON.stringify(trailers).length));
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    return { status, bytes };
  }

  #session(port: number): http2.ClientHttp2Session {
    const known = this.#sessions.get(port);
    if (known !== undefined && !known.closed) return known;
    const session = http2.connect(`http://127.0.0.1:${String(port)}`).on("error", () => undefined);
    session.setMaxListeners(0);
    this.#sessions.set(port, session);
    return session;
  }
}
