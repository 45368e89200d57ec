import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { expect } from "vitest";
import type { DescriptionSchema, SignalSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { TestClient } from "./test-client.js";

/** Variables for a server that many tests share: high limits, and no matches without a shared interest. */
export const roomy = {
  MAX_CONNECTIONS_PER_IP: "10000",
  RATE_LIMIT_MAX_REQUESTS: "100000",
  WIDEN_AFTER_MS: "600000",
};

export interface Pair {
  matchId: string;
  /** The second caller, which makes the offer. */
  offerer: TestClient;
  /** The first caller, which waited. */
  answerer: TestClient;
}

/** Two matched clients, with an interest that no other client of the server has. */
export async function pair(
  transport: Transport,
  wish: { rematch?: boolean; offer?: MessageInitShape<typeof DescriptionSchema> } = {},
  others: { answerer?: Transport } = {},
): Promise<Pair> {
  const [answerer, offerer] = await Promise.all([
    TestClient.open(others.answerer ?? transport),
    TestClient.open(transport),
  ]);
  const request = { ...wish, preferences: { interests: [uniqueInterest()] } };
  await answerer.match(request);
  await offerer.match(request);
  const [{ matchId }] = await Promise.all([answerer.until("matched"), offerer.until("matched")]);
  return { matchId, offerer, answerer };
}

/** A unique interest, so that tests of one server do not affect each other. */
export function uniqueInterest(): string {
  return randomUUID().slice(0, 23);
}

/** A candidate with a number, by which it is recognized when received. */
export function candidate(index: number): MessageInitShape<typeof SignalSchema> {
  return {
    kind: { case: "candidate", value: { candidate: `candidate:${String(index)} 1 udp 1 10.0.0.1 9 typ host` } },
  };
}

/** Refused calls had no effect: the first signal that the offerer sends now is the partner's next event. */
export async function expectUnharmed({ offerer, answerer, matchId }: Pair): Promise<void> {
  await offerer.send({ matchId, clientSequence: 1, signals: [candidate(7)] });
  const { event } = await answerer.next();
  expect(event).toMatchObject({ case: "signalReceived", value: { matchId, signals: [candidate(7)] } });
}
