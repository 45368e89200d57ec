import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { expect } from "vitest";
import type { DescriptionSchema, SignalSchema } from "../../gen/satoshigle/v1/signal_pb.js";
import { Person } from "./person.js";

/** Variables of a server that many tests share: nothing is used up, and nobody meets a stranger to their interests. */
export const roomy = {
  MAX_CONNECTIONS_PER_IP: "10000",
  RATE_LIMIT_MAX_REQUESTS: "100000",
  WIDEN_AFTER_MS: "600000",
};

export interface Pair {
  matchId: string;
  /** Who came second, and makes the offer. */
  offerer: Person;
  /** Who waited. */
  answerer: Person;
}

/** Two people in a match that nobody else of the same server can come into. */
export async function pair(
  transport: Transport,
  wish: { rematch?: boolean; offer?: MessageInitShape<typeof DescriptionSchema> } = {},
  others: { answerer?: Transport } = {},
): Promise<Pair> {
  const [answerer, offerer] = await Promise.all([Person.open(others.answerer ?? transport), Person.open(transport)]);
  const request = { ...wish, preferences: { interests: [uniqueInterest()] } };
  await answerer.match(request);
  await offerer.match(request);
  const [{ matchId }] = await Promise.all([answerer.until("matched"), offerer.until("matched")]);
  return { matchId, offerer, answerer };
}

/** An interest nobody else names, so that tests of one server do not meet. */
export function uniqueInterest(): string {
  return randomUUID().slice(0, 23);
}

/** A candidate with a number in it, to be told apart on arrival. */
export function candidate(index: number): MessageInitShape<typeof SignalSchema> {
  return {
    kind: { case: "candidate", value: { candidate: `candidate:${String(index)} 1 udp 1 10.0.0.1 9 typ host` } },
  };
}

/** Refused calls left no trace: what the offerer sends now, for the first time, is the next thing the partner sees. */
export async function expectUnharmed({ offerer, answerer, matchId }: Pair): Promise<void> {
  await offerer.send({ matchId, clientSequence: 1, signals: [candidate(7)] });
  const { event } = await answerer.next();
  expect(event).toMatchObject({ case: "signalReceived", value: { matchId, signals: [candidate(7)] } });
}
