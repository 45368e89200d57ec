import { once } from "node:events";
import http from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roomy } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";

const servers: Record<string, TestServer> = {};
beforeAll(async () => {
  for (const FAST_PATH of ["true", "false"]) servers[FAST_PATH] = await startServer({ ...roomy, FAST_PATH });
});
afterAll(() => Promise.all(Object.values(servers).map((server) => server.close())));

/** The headers of an answer, whose body is not waited for. */
async function headersOf(url: string, type: string): Promise<http.IncomingHttpHeaders> {
  const body = Buffer.from(type.endsWith("json") ? "\0\0\0\0\x02{}" : "\0\0\0\0\0", "latin1");
  const request = http.request(url, { method: "POST", headers: { "content-type": type }, agent: false });
  request.end(type === "application/proto" ? "" : body);
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  response.destroy();
  return response.headers;
}

const types = ["connect+proto", "connect+json", "grpc-web+proto", "grpc-web+json"].map((type) => `application/${type}`);

describe.each(["true", "false"])(
  "with FAST_PATH=%s, a proxy is told to pass on at once and unchanged",
  (directPath) => {
    const signal = () => `${servers[directPath]?.url ?? ""}/satoshigle.v1.SignalService/Signal`;
    const watch = () => `${servers[directPath]?.internalUrl ?? ""}/satoshigle.internal.v1.MonitoringService/WatchStats`;

    it.each(types)("a stream in %s, on both listeners", async (type) => {
      for (const url of [signal(), watch()]) {
        const headers = await headersOf(url, type);
        const expected = { "content-type": type, "x-accel-buffering": "no", "cache-control": "no-transform" };
        expect(headers, url).toMatchObject(expected);
      }
    });

    it("but not an answer that is complete", async () => {
      const url = signal().replace("SignalService/Signal", "MatchService/Leave");
      const headers = await headersOf(url, "application/proto");
      expect(headers).not.toHaveProperty("x-accel-buffering");
    });
  },
);
