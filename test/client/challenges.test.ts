import { Code, ConnectError } from "@connectrpc/connect";
import { createChallenge, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/sha";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { ClientHarness, outcome, useFakeClock } from "./client-harness.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";

useFakeClock();

const SECRET = "a secret of the server";
const MINUTE_MS = 60_000;

function challenged(challenge: string, problem?: string): ConnectError {
  const metadata = { challenge, ...(problem !== undefined && { problem }) };
  const value = { reason: "CHALLENGE", metadata };
  return new ConnectError("solve it", Code.ResourceExhausted, undefined, [{ desc: ErrorInfoSchema, value }]);
}

const make = async (counter = 3_000) =>
  JSON.stringify(
    await createChallenge({ algorithm: "SHA-256", cost: 1, counter, deriveKey, hmacSignatureSecret: SECRET }),
  );

let server: ScriptedServer;
let harness: ClientHarness;
let connected: Promise<string>;
beforeEach(async () => {
  server = new ScriptedServer();
  harness = new ClientHarness(server);
  connected = outcome(harness.client.connect());
  await settle();
});

const streams = (count: number) => vi.waitFor(() => expect(server.streams).toHaveLength(count), { timeout: 20_000 });

describe("a challenge", () => {
  it("is solved, and the session opens with the solution, which ALTCHA's library accepts", async () => {
    expect(server.stream.request.proof).toBe("");
    await server.stream.fail(challenged(await make()));
    await streams(2);
    const payload = JSON.parse(atob(server.stream.request.proof)) as Parameters<typeof verifySolution>[0];
    expect(await verifySolution({ ...payload, deriveKey, hmacSignatureSecret: SECRET })).toMatchObject({
      verified: true,
    });
    await server.stream.welcome();
    expect(await connected).toBe("done");
    expect(harness.errors).toEqual([]);
  });

  it("is not solved at once if the last solution was refused, but with the next attempt", async () => {
    await server.stream.fail(challenged(await make()));
    await streams(2);
    await server.stream.fail(challenged(await make(), "expired"));
    expect(server.streams).toHaveLength(2);
    await pass(MINUTE_MS);
    expect(server.streams.length).toBeGreaterThan(2);
    expect(server.stream.request.proof).toBe("");
  });

  it.each(["{", '{"parameters":{}}'])(
    "that makes no sense is a limit, and the client tries again later: %s",
    async (text) => {
      await server.stream.fail(challenged(text));
      await vi.waitFor(() => expect(harness.errors).toMatchObject([{ code: "limit_reached" }]), { timeout: 20_000 });
      expect(server.streams).toHaveLength(1);
      await pass(MINUTE_MS);
      expect(server.streams.length).toBeGreaterThan(1);
    },
  );

  it("is not answered after the client was closed", async () => {
    await server.stream.fail(challenged(await make(90_000)));
    await harness.client.close();
    expect(await connected).toBe("closed");
    await pass(MINUTE_MS);
    expect(server.streams).toHaveLength(1);
  });
});
