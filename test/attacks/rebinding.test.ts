import http from "node:http";
import http2 from "node:http2";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { report, Target } from "./support/target.js";

const FOREIGN = "rebound.example";
const OWN = "chat.example.com";

let target: Target;
beforeAll(async () => {
  target = await Target.start({
    INTERNAL_HOST: "0.0.0.0", // so that the loopback guard does not hide the check of hosts
    INTERNAL_ALLOW_OPEN: "true",
    CLIENT_URL: `https://${OWN}`,
  });
});
afterAll(() => target.close());

interface Asked {
  port: number;
  path: string;
  /** The host under which the page was opened, and its origin if the browser sends one. */
  host: string;
  origin?: string;
  method?: string;
  more?: Record<string, string>;
}

type Ask = (asked: Asked) => Promise<number>;

const headersOf = ({ path, origin, more, method = "POST" }: Asked): Record<string, string> => ({
  ...(method === "POST" && {
    "content-type": path.endsWith("/Signal") ? "application/connect+json" : "application/json",
  }),
  ...(origin !== undefined && { origin }),
  ...more,
});

/** An empty message, for a stream in an envelope. */
function bodyOf({ path, method = "POST" }: Asked): string {
  if (method !== "POST") return "";
  return path.endsWith("/Signal") ? "\0\0\0\0\x02{}" : "{}";
}

/** A refused stream has the error in its first message. */
async function statusIn(stream: NodeJS.ReadableStream): Promise<number> {
  const [first] = (await Promise.race([once(stream, "data"), once(stream, "end")])) as [Buffer | undefined];
  return String(first).includes("permission_denied") ? 403 : 200;
}

const overH1: Ask = async (asked) => {
  const { port, path, host, method = "POST" } = asked;
  const headers = { host, ...headersOf(asked) };
  const request = http.request({ host: "127.0.0.1", port, path, method, headers, agent: false });
  request.end(bodyOf(asked));
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  const status =
    response.statusCode === 200 && path.endsWith("/Signal") ? await statusIn(response) : response.statusCode;
  response.destroy();
  return status ?? 0;
};

const overH2: Ask = async (asked) => {
  const { port, path, host, method = "POST" } = asked;
  const session = http2.connect(`http://127.0.0.1:${String(port)}`);
  const pseudo = { ":method": method, ":path": path, ":authority": host };
  const stream = session.request({ ...pseudo, ...headersOf(asked) }).on("error", () => undefined);
  if (method === "POST") stream.end(bodyOf(asked)); // other methods have no body
  const [answer] = (await once(stream, "response")) as [http2.IncomingHttpHeaders & { ":status": number }];
  const status = answer[":status"] === 200 && path.endsWith("/Signal") ? await statusIn(stream) : answer[":status"];
  session.destroy();
  return status;
};

const protocols: [string, Ask][] = [
  ["HTTP/1.1", overH1],
  ["HTTP/2", overH2],
];
const calls: ["public" | "internal", path: string, method: string][] = [
  ["public", "/satoshigle.v1.MatchService/Leave", "POST"],
  ["public", "/satoshigle.v1.SignalService/Send", "POST"],
  ["public", "/satoshigle.v1.SignalService/Signal", "POST"],
  ["internal", "/satoshigle.internal.v1.PaymentService/ListTips", "POST"],
  ["internal", "/satoshigle.internal.v1.PeopleService/ListPeople", "POST"],
  ["internal", "/satoshigle.internal.v1.ModerationService/ListReports", "POST"],
  ["internal", "/satoshigle.internal.v1.MonitoringService/GetStats", "POST"],
  ["internal", "/metrics", "GET"],
  ["internal", "/", "GET"],
];
const cases = protocols.flatMap(([protocol, ask]) => calls.map((call) => [protocol, ...call, ask] as const));
const portOf = (listener: "public" | "internal") => (listener === "public" ? target.port : target.internalPort);
/** 421 Misdirected Request (RFC 9110, 15.5.20), or 403 Forbidden. */
const refused = [421, 403];

describe("a page of a rebound host gets no answer", () => {
  it.each(cases)("over %s from the %s listener: %s", async (protocol, listener, path, method, ask) => {
    const port = portOf(listener);
    const host = `${FOREIGN}:${String(port)}`;
    const asked = { port, path, host, method, ...(method === "POST" && { origin: `http://${host}` }) };
    const own = `127.0.0.1:${String(port)}`;
    const statuses = {
      plain: await ask(asked),
      // a page can send it, and a proxy may pass it on
      forwarded: await ask({ ...asked, more: { "x-forwarded-host": own } }),
      "both names": await ask({
        ...asked,
        more: { "x-forwarded-host": own, "x-forwarded-proto": "http", forwarded: `host=${own}` },
      }),
      "a name like ours": await ask({
        ...asked,
        host: `${OWN}.${host}`,
        ...(asked.origin && { origin: `http://${OWN}.${host}` }),
      }),
    };
    report(`${method} ${path} under a foreign name over ${protocol}`, statuses);
    for (const [how, status] of Object.entries(statuses))
      expect(refused, `${how}: ${String(status)}`).toContain(status);
  });

  it.each(protocols)("and cannot drain an instance over %s", async (protocol, ask) => {
    const { internalPort: port } = target;
    const host = `${FOREIGN}:${String(port)}`;
    const path = "/satoshigle.internal.v1.MonitoringService/DrainInstance";
    const status = await ask({ port, path, host, origin: `http://${host}` });
    const ready = await overH1({ port: target.port, path: "/readyz", host: "127.0.0.1", method: "GET" });
    report(`DrainInstance under a foreign name over ${protocol}`, { status, "/readyz": ready });
    expect({ refused: refused.includes(status), ready }).toEqual({ refused: true, ready: 200 });
  });
});

describe("the server's own names are served", () => {
  it.each(protocols)("over %s", async (_protocol, ask) => {
    const path = "/satoshigle.v1.MatchService/Leave";
    const names = ["localhost", "127.0.0.1", `localhost:${String(target.port)}`, OWN, OWN.toUpperCase()];
    const statuses = await Promise.all(names.map((host) => ask({ port: target.port, path, host })));
    expect(statuses, "only the token is missing").toEqual(names.map(() => 401));
    const metrics = { port: target.internalPort, path: "/metrics", method: "GET" };
    expect(await ask({ ...metrics, host: "127.0.0.1" })).toBe(200);
    expect(await ask({ ...metrics, host: "localhost:3002" })).toBe(200);
  });
});
