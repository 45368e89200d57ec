import { create, toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import {
  GetIceServersResponseSchema,
  SignalResponseSchema,
  SignalService,
} from "../../gen/satoshigle/v1/signaling_pb.js";
import { toSatoshigleError } from "../../src/client/connection/error-mapping.js";
import { createTransport } from "../../src/client/connection/transport.js";

interface Request {
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

let requests: Request[];
let answer: (response: ServerResponse) => void | Promise<void>;
let baseUrl: string;
const server = createServer((request, response) => {
  void buffer(request).then((body) => {
    requests.push({ url: request.url, headers: request.headers, body });
    return answer(response);
  });
});

beforeEach(async () => {
  requests = [];
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/chat`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const signaling = () => createClient(SignalService, createTransport(baseUrl));
const matching = () => createClient(MatchService, createTransport(baseUrl));

function reply(status: number, type: string, body: string | Uint8Array): void {
  answer = (response) => void response.writeHead(status, { "content-type": type }).end(body);
}

async function failure(call: Promise<unknown>): Promise<ConnectError> {
  return call.then(
    () => expect.fail("the call succeeded"),
    (error: unknown) => ConnectError.from(error),
  );
}

describe("a unary call", () => {
  it("is a POST with the protocol's headers, and returns the message", async () => {
    const iceServers = [{ urls: ["stun:stun.test"], username: "ü" }];
    const message = create(GetIceServersResponseSchema, { iceServers });
    reply(200, "application/proto", toBinary(GetIceServersResponseSchema, message));
    const options = { timeoutMs: 5_000, headers: { authorization: "Bearer secret" } };
    const { iceServers: received } = await signaling().getIceServers({}, options);
    expect(received).toMatchObject(iceServers);
    expect(requests[0]?.url).toBe("/chat/satoshigle.v1.SignalService/GetIceServers");
    expect(requests[0]?.headers).toMatchObject({
      "content-type": "application/proto",
      "connect-protocol-version": "1",
      "connect-timeout-ms": "5000",
      authorization: "Bearer secret",
    });
  });

  it("fails with the server's code, message and details", async () => {
    const details = [
      { type: "google.rpc.RetryInfo", value: base64(RetryInfoSchema, { retryDelay: durationFromMs(1_500) }) },
      { type: "google.rpc.ErrorInfo", value: base64(ErrorInfoSchema, { reason: "BANNED", metadata: { a: "b" } }) },
      { type: "nonsense", value: "?" },
      null,
    ];
    const error = { code: "resource_exhausted", message: "too many calls", details };
    reply(429, "application/json; charset=utf-8", JSON.stringify(error));
    const failed = await failure(matching().match({}));
    expect([failed.code, failed.rawMessage]).toEqual([Code.ResourceExhausted, "too many calls"]);
    expect(failed.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "BANNED", metadata: { a: "b" } }]);
    expect(toSatoshigleError(failed)).toMatchObject({ code: "banned", retryAfterMs: 1_500 });
  });

  it.each([
    ["not_found", Code.NotFound],
    ["already_exists", Code.AlreadyExists],
    ["canceled", Code.Canceled],
    ["data_loss", Code.DataLoss],
    ["unheard_of", Code.Unavailable],
  ])("understands the code %s", async (code, expected) => {
    reply(503, "application/json", JSON.stringify({ code }));
    expect((await failure(matching().match({}))).code).toBe(expected);
  });

  it.each([
    [502, "text/html", "<h1>Bad Gateway</h1>", "server_unreachable"],
    [403, "text/html", "forbidden", "origin_denied"],
    [500, "application/json", "{", "server_unreachable"],
    [500, "application/json", "[]", "server_unreachable"],
    [200, "text/html", "<h1>Sign in to the Wi-Fi</h1>", "server_unreachable"],
    [200, "application/proto", "\x0a\x7f", "internal"],
  ])("takes %i with %s %j from another server for %s", async (status, type, body, code) => {
    reply(status, type, body);
    expect(toSatoshigleError(await failure(signaling().getIceServers({}))).code).toBe(code);
  });

  it("follows no redirect", async () => {
    answer = (response) => void response.writeHead(307, { location: "/elsewhere" }).end();
    expect(toSatoshigleError(await failure(matching().match({}))).code).toBe("server_unreachable");
    expect(requests).toHaveLength(1);
  });

  it("ends at its deadline, also while the response arrives", async () => {
    answer = (response) => response.writeHead(200, { "content-type": "application/proto" }).flushHeaders();
    expect((await failure(matching().match({}, { timeoutMs: 50 }))).code).toBe(Code.DeadlineExceeded);
  });

  it("ends when it is cancelled, before it began as well", async () => {
    const abort = new AbortController();
    answer = () => abort.abort();
    expect((await failure(matching().match({}, { signal: abort.signal }))).code).toBe(Code.Canceled);
    expect((await failure(matching().match({}, { signal: abort.signal }))).code).toBe(Code.Canceled);
    expect(requests).toHaveLength(1);
  });
});

describe("a stream", () => {
  const heartbeat = (sequence: number) =>
    create(SignalResponseSchema, { sequence, event: { case: "heartbeat", value: {} } });
  const message = (sequence: number) => envelope(0, toBinary(SignalResponseSchema, heartbeat(sequence)));
  const end = (json: object = {}) => envelope(2, new TextEncoder().encode(JSON.stringify(json)));

  /** Sends these pieces, each in a packet of its own. */
  function sendInPieces(...pieces: Uint8Array[]): void {
    answer = async (response) => {
      response.writeHead(200, { "content-type": "application/connect+proto" });
      for (const piece of pieces) {
        await new Promise((resolve) => response.write(piece, resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    };
  }

  async function read(signal?: AbortSignal): Promise<{ sequences: number[]; error: ConnectError | undefined }> {
    const sequences: number[] = [];
    try {
      const responses = signaling().signal({ epoch: "e1", lastSequence: 7 }, signal ? { signal } : {});
      for await (const { sequence } of responses) sequences.push(sequence);
    } catch (error) {
      return { sequences, error: ConnectError.from(error) };
    }
    return { sequences, error: undefined };
  }

  it("sends its request in an envelope", async () => {
    sendInPieces(end());
    await read();
    expect(requests[0]?.headers["content-type"]).toBe("application/connect+proto");
    expect([...(requests[0]?.body ?? [])]).toEqual([0, 0, 0, 0, 6, 0x0a, 2, 0x65, 0x31, 0x10, 7]);
  });

  it("returns its messages however the network has cut them", async () => {
    const all = Buffer.concat([message(1), message(300), message(70_000), end()]);
    const halves = [all.subarray(0, 8), all.subarray(8)];
    for (const pieces of [[all], halves, Array.from(all, (byte) => Uint8Array.of(byte))]) {
      sendInPieces(...pieces);
      expect(await read()).toEqual({ sequences: [1, 300, 70_000], error: undefined });
    }
  });

  it("fails with the error at its end, after its messages", async () => {
    sendInPieces(message(1), end({ error: { code: "unauthenticated", message: "over" } }));
    const { sequences, error } = await read();
    expect([sequences, error?.code, error?.rawMessage]).toEqual([[1], Code.Unauthenticated, "over"]);
  });

  it.each([
    ["is cut off between two messages", [message(1)], Code.Unknown],
    ["is cut off within a message", [message(1), message(2).subarray(0, 6)], Code.DataLoss],
    ["has a compressed message", [message(1), envelope(1, Uint8Array.of(1))], Code.Internal],
    ["has a message that is none", [message(1), envelope(0, Uint8Array.of(0x12, 0x7f))], Code.Internal],
    ["has an unreadable end", [message(1), envelope(2, Uint8Array.of(0x7b))], Code.Unknown],
    ["has no object at its end", [message(1), envelope(2, new TextEncoder().encode("null"))], Code.Unknown],
  ])("fails when it %s", async (_, pieces, code) => {
    sendInPieces(...pieces);
    const { sequences, error } = await read();
    expect([sequences, error?.code]).toEqual([[1], code]);
  });

  it("fails at once when it announces a message of two gigabytes", async () => {
    const pieces = [message(1), Uint8Array.of(0, 0x7f, 0, 0, 0)];
    answer = (response) => {
      response.writeHead(200, { "content-type": "application/connect+proto" }).write(Buffer.concat(pieces));
    };
    const { sequences, error } = await read();
    expect([sequences, error?.code]).toEqual([[1], Code.DataLoss]);
  });

  it("fails when the server refuses it", async () => {
    reply(401, "application/json", JSON.stringify({ code: "unauthenticated" }));
    expect((await read()).error?.code).toBe(Code.Unauthenticated);
  });

  it("closes its connection when it is cancelled", async () => {
    const abort = new AbortController();
    const gone = new Promise((resolve) => {
      answer = (response) => {
        response.on("close", resolve);
        response.writeHead(200, { "content-type": "application/connect+proto" }).write(message(1), () => abort.abort());
      };
    });
    expect((await read(abort.signal)).error).toBeDefined();
    await gone;
  });
});

function base64(...[schema, value]: Parameters<typeof create>): string {
  return Buffer.from(toBinary(schema, create(schema, value)))
    .toString("base64")
    .replace(/=+$/, "");
}

function envelope(flags: number, content: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}
