import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

export interface ProviderRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A real HTTP server in the place of a TURN provider's API, which answers as the test says. */
export class ProviderServer {
  readonly requests: ProviderRequest[] = [];
  status = 200;
  /** The status of the next answer alone. */
  nextStatus: number | undefined;
  /** The answer; undefined for none at all. */
  answer: string | undefined = "{}";
  headers: Record<string, string> = {};

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param tls the certificate for localhost, for HTTPS */
  static async start(tls?: { cert: string; key: string }): Promise<ProviderServer> {
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        provider.requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
        if (provider.answer === undefined) return;
        const status = provider.nextStatus ?? provider.status;
        provider.nextStatus = undefined;
        response.writeHead(status, { "content-type": "application/json", ...provider.headers });
        response.end(provider.answer);
      });
    };
    const server = tls === undefined ? createHttp(listener) : createHttps(tls, listener);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const url = `${tls === undefined ? "http" : "https"}://localhost:${String(port)}`;
    const provider = new ProviderServer(server, url);
    return provider;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/** Answers in the forms that the documentation of providers shows. */
export const answers = {
  cloudflare: {
    iceServers: [
      { urls: ["stun:stun.cloudflare.com:3478", "stun:stun.cloudflare.com:53"] },
      {
        urls: [
          "turn:turn.cloudflare.com:3478?transport=udp",
          "turn:turn.cloudflare.com:53?transport=udp",
          "turns:turn.cloudflare.com:443?transport=tcp",
        ],
        username: "cloud-user",
        credential: "cloud-password",
      },
    ],
  },
  twilio: {
    account_sid: "AC0",
    username: "twilio-user",
    password: "twilio-password",
    ttl: "600",
    ice_servers: [
      { url: "stun:global.stun.twilio.com:3478", urls: "stun:global.stun.twilio.com:3478" },
      {
        url: "turn:global.turn.twilio.com:3478?transport=udp",
        urls: "turn:global.turn.twilio.com:3478?transport=udp",
        username: "twilio-user",
        credential: "twilio-password",
      },
    ],
  },
  metered: { username: "metered-user", password: "metered-password", expiryInSeconds: 600, apiKey: "none" },
};
