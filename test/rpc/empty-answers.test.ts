import { once } from "node:events";
import http2 from "node:http2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

it("an empty answer over HTTP/2 ends with its head, in one frame", async () => {
  const { resume } = await TestClient.open(transportTo(server.url));
  const session = http2.connect(server.url);
  const call = session.request({
    ":method": "POST",
    ":path": "/satoshigle.v1.MatchService/Leave",
    "content-type": "application/proto",
    "connect-protocol-version": "1",
    authorization: `Bearer ${resume.token}`,
  });
  const answered = once(call.end(), "response") as Promise<[http2.IncomingHttpHeaders, number]>;
  const [head, flags] = await answered;
  expect(head).toMatchObject({ ":status": 200, "content-type": "application/proto", "content-length": "0" });
  expect(flags & http2.constants.NGHTTP2_FLAG_END_STREAM).not.toBe(0);
  session.destroy();
});
