import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { request } from "../support/http.js";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { readRefusal } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";

const text = (number: number, value: Uint8Array) =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(value).finish();
const bad = Uint8Array.of(0x61, 0xff, 0x62);
const signal = text(3, text(2, text(1, bad)));

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startServer(roomy);
  token = (await TestClient.open(transportTo(server.url))).welcome.token;
});
afterAll(() => server.close());

describe("text that is not UTF-8 is refused with the field's name", () => {
  it.each([
    [
      "MatchService/Match",
      "preferences.interests[1]",
      text(1, Buffer.concat([text(1, Buffer.from("go")), text(1, bad)])),
    ],
    ["MatchService/Report", "comment", text(3, bad)],
    [
      "SignalService/Send",
      "signals[1].candidate.candidate",
      Buffer.concat([text(3, text(3, Buffer.alloc(0))), signal]),
    ],
    ["TipService/OfferTip", "tip_id", text(1, bad)],
  ])("%s: %s, in Connect and in gRPC-Web", async (method, field, bytes) => {
    const url = `${server.url}/satoshigle.v1.${method}`;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/proto" };
    const answer = await request(url, { method: "POST", headers, body: Buffer.from(bytes) });
    expect(answer.status).toBe(400);
    expect(readRefusal(answer.error)).toMatchObject({ code: "InvalidArgument", field });
    const inEnvelope = Buffer.concat([Buffer.from([0, 0, 0, 0, bytes.length]), bytes]);
    const web = { ...headers, "content-type": "application/grpc-web+proto" };
    const { text: trailers } = await request(url, { method: "POST", headers: web, body: inEnvelope });
    expect(trailers).toContain("grpc-status: 3");
    expect(decodeURIComponent(/grpc-message: (\S+)/.exec(trailers)?.[1] ?? "")).toContain(`${field}: is not UTF-8`);
  });

  it("on the internal listener too", async () => {
    const url = `${server.internalUrl}/satoshigle.internal.v1.ModerationService/Ban`;
    const headers = { "content-type": "application/proto" };
    const answer = await request(url, { method: "POST", headers, body: Buffer.from(text(2, bad)) });
    expect(readRefusal(answer.error)).toMatchObject({ code: "InvalidArgument", field: "reason" });
  });
});
