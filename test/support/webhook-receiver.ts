import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { Webhook } from "standardwebhooks";

/** The secret that servers sign webhooks with in tests. */
export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

interface ReceiverOptions {
  answer?: Answer;
  /** Its certificate and key; none for cleartext. */
  tls?: { cert: string; key: string } | undefined;
  /** The secret that it verifies signatures with. */
  secret?: string;
}

export type Answer = (response: http.ServerResponse, socket: Socket) => void;

export const accept: Answer = (response) => response.writeHead(204).end();

/** A receiver that verifies what it gets, and answers as it likes. */
export class Receiver {
  /** The IDs of what came, in order, with repetitions. */
  readonly came: string[] = [];
  /** Requests that broke off or whose signature is not valid. They are not answered. */
  refused = 0;
  /** Bytes of answers that were sent. */
  sent = 0;

  private constructor(
    private readonly server: http.Server,
    private readonly scheme: string,
    private readonly verifier: Webhook,
    /** How it answers from now on. */
    public answer: Answer,
  ) {}

  static async open({ answer = accept, tls, secret = WEBHOOK_SECRET }: ReceiverOptions = {}): Promise<Receiver> {
    const handle = (request: http.IncomingMessage, response: http.ServerResponse) => {
      receiver.#take(request, response).catch(() => {
        receiver.refused++;
        response.destroy();
      });
    };
    const server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle);
    const receiver: Receiver = new Receiver(server, tls === undefined ? "http" : "https", new Webhook(secret), answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/hook`;
  }

  /** What came, each once. */
  get events(): string[] {
    return [...new Set(this.came)];
  }

  /** Whether an event came. */
  has(id: string | undefined): boolean {
    return id === undefined || this.came.includes(id);
  }

  /** Writes as much of an answer as the other side takes. */
  pour(response: http.ServerResponse): void {
    const piece = Buffer.alloc(1 << 16);
    const go = () => {
      while (!response.destroyed && response.write(piece)) this.sent += piece.length;
    };
    response.on("drain", go).on("error", () => undefined);
    go();
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    this.verifier.verify(body, request.headers as Record<string, string>);
    this.came.push(String(request.headers["webhook-id"]));
    this.answer(response, request.socket);
  }
}
