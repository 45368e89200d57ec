import { ConnectError, Code } from "@connectrpc/connect";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { DomainError } from "../../src/core/errors.js";
import type { BanId } from "../../src/core/ids.js";
import { createErrorMap, toConnectError } from "../../src/rpc/interceptors/errors.js";
import type { WireProtocol } from "../../src/rpc/admission/protocol.js";
import { writeRefusal } from "../../src/rpc/admission/refusal.js";

/** Untrusted text in an error, with every kind of character that is expensive to encode. */
const strange = 'é\r\n\u0000\ud800"\\ü€𝄞%'.repeat(5_000);
const context = { field: strange, problem: strange, retryAfterMs: 1e9, expiresMs: 1e12 };
const worst = toConnectError(new DomainError("field_invalid", strange, context));
const banId = "A".repeat(16) as BanId;
const ban = { banId, scope: "browser", reason: strange, appeal: "upheld", answer: strange } as const;
const banned = toConnectError(new DomainError("banned", strange, { retryAfterMs: 1e9, expiresMs: 1e12, ban }));

/** A refusal as encoded by a protocol, with headers and trailers. */
async function sizeIn(protocol: WireProtocol["name"], error: ConnectError): Promise<number> {
  const server = http.createServer((_request, response) => {
    writeRefusal({ response, protocol: { name: protocol, isBinary: true }, allowedOrigin: undefined }, error);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const request = http.request({ port: (server.address() as AddressInfo).port, agent: false }).end();
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  const body = await text(response);
  return Buffer.byteLength([body, ...response.rawHeaders, ...response.rawTrailers].join());
}

describe("an error has at most 4 KiB, whatever untrusted text it contains", () => {
  it.each(["connect", "connect-stream", "grpc", "grpc-web"] as const)("in %s", async (protocol) => {
    for (const error of [worst, banned]) {
      const bytes = await sizeIn(protocol, error);
      expect(bytes).toBeGreaterThan(500);
      expect(bytes).toBeLessThan(4_096);
    }
  });

  it("with a message of 512 bytes, and texts of 256", () => {
    expect(Buffer.byteLength(worst.rawMessage)).toBeLessThanOrEqual(512);
    const [own, ofBan] = [worst, banned].map((error) => error.findDetails(ErrorInfoSchema)[0]?.metadata ?? {});
    const texts = [own?.field, own?.problem, ofBan?.ban_reason, ofBan?.appeal_answer].map((text = "") => text);
    for (const one of texts) expect(Buffer.byteLength(one)).toBeLessThanOrEqual(256);
    for (const one of [...texts, worst.rawMessage]) {
      expect(one).toMatch(/^é {2} {2}"\\ü.* …$/);
      expect(one).not.toContain("\ufffd");
    }
  });

  it("also when the library quotes the input", () => {
    const quoted = toConnectError(new ConnectError(strange, Code.InvalidArgument));
    expect(Buffer.byteLength(quoted.rawMessage)).toBeLessThanOrEqual(512);
  });

  it("and contains all that fits", () => {
    expect(toConnectError(new DomainError("match_over", "it is over – “so” soon")).rawMessage).toBe(
      "it is over – “so” soon",
    );
  });
});

it("maps the library's parse errors to INVALID_ARGUMENT, and unknown errors to INTERNAL", () => {
  const faults: unknown[] = [];
  const map = createErrorMap((_method, error) => faults.push(error));
  expect(map("Send", new ConnectError("no message", Code.Internal), false).code).toBe(Code.InvalidArgument);
  expect(faults).toEqual([]);
  const own = new Error("secret");
  const mapped = map("Send", own, false);
  expect([mapped.code, mapped.rawMessage]).toEqual([Code.Internal, "internal error"]);
  expect(faults).toEqual([own]);
});
