import { create } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
} from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { roomy } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";

const MOST_QUESTIONS = 1_000;

let server: TestServer;
beforeAll(async () => {
  server = await startServer(roomy);
});
afterAll(() => server.close());

function question(unknownFields = 0): ServerReflectionRequest {
  const asked = create(ServerReflectionRequestSchema, { messageRequest: { case: "listServices", value: "" } });
  const unknown = { no: 99, wireType: WireType.Varint, data: Uint8Array.of(0) };
  return { ...asked, $unknown: Array<typeof unknown>(unknownFields).fill(unknown) };
}

/** Sends requests on one stream. Returns how many were answered, and how the stream ended. */
async function ask(url: string, questions: ServerReflectionRequest[], headers: Record<string, string> = {}) {
  const client = createClient(ServerReflection, createGrpcTransport({ baseUrl: url }));
  let answers = 0;
  const asked = (async function* () {
    await Promise.resolve();
    yield* questions;
  })();
  try {
    for await (const { messageResponse } of client.serverReflectionInfo(asked, { headers })) {
      expect(messageResponse.case).toBe("listServicesResponse");
      answers++;
    }
  } catch (error) {
    return { answers, code: ConnectError.from(error).code };
  }
  return { answers, code: undefined };
}

describe.each(["internal", "public"] as const)("reflection on the %s listener", (listener) => {
  const url = () => (listener === "internal" ? server.internalUrl : server.url);

  it("answers a limited number of requests per stream", async () => {
    const most = Array<ServerReflectionRequest>(MOST_QUESTIONS).fill(question());
    expect(await ask(url(), most)).toEqual({ answers: MOST_QUESTIONS, code: undefined });
    expect((await ask(url(), [...most, question()])).code).toBe(Code.ResourceExhausted);
  });

  it("does not decode expensive requests", async () => {
    expect(await ask(url(), [question(32)])).toEqual({ answers: 1, code: undefined });
    expect(await ask(url(), [question(33)])).toEqual({ answers: 0, code: Code.InvalidArgument });
  });

  it("is not served to pages of other origins", async () => {
    const headers = { origin: "https://evil.example" };
    expect(await ask(url(), [question()], headers)).toEqual({ answers: 0, code: Code.PermissionDenied });
  });
});
