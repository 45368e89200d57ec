import { systemRandom } from "../../../src/adapters/node/random.js";
import type { MatchId, TicketId } from "../../../src/core/ids.js";
import { defaultSchema } from "../../../src/core/matching-schema.js";
import type { Description, EncodedSignals } from "../../../src/core/signal.js";
import { issueTicket } from "../../../src/core/ticket.js";
import type { RedisMeter } from "../redis/meter.js";
import { candidate, sdp } from "../redis/payloads.js";
import { type Node, Person } from "./node.js";

/** Operations at a time. */
const AT_ONCE = 16;

const schema = defaultSchema(5_000);
export const offer: Description = { type: "offer", sdp, connectionId: "c" };

/** What the client sends of a call besides the offer, which is part of Match: both sides' candidates are combined. */
const candidates = Array.from({ length: 5 }, () => ({ kind: "candidate", ...candidate }));
export const answer = JSON.stringify([
  { kind: "description", ...offer, type: "answer" },
  ...candidates,
]) as EncodedSignals;
export const own = JSON.stringify(candidates) as EncodedSignals;

export async function match(
  { node, sessionId }: Person,
  interest: string,
  own: Description | undefined,
): Promise<MatchId> {
  const nowMs = Date.now();
  const wanted = { preferences: { interests: [interest], languages: ["en"], relayOnly: false }, rematch: false };
  const ticket = issueTicket(systemRandom.id() as TicketId, sessionId, wanted, nowMs, schema);
  const pairing = await node.lobby.match({ ticket, offer: own, leaveMatchId: undefined, nowMs });
  return (pairing.state === "matched" ? pairing.matchId : "") as MatchId;
}

export async function send(
  person: Person,
  matchId: MatchId,
  signals: EncodedSignals,
  hasAnswer: boolean,
): Promise<void> {
  const { node, sessionId } = person;
  const descriptions = { hasOffer: false, hasAnswer };
  const post = { sessionId, matchId, clientSequence: 1, signals, descriptions, nowMs: Date.now() };
  const { state } = await node.lobby.relay(post);
  if (state !== "relayed") throw new Error(`a signal was not relayed: ${state}`);
}

export interface Cost {
  scripts: number;
  commands: number;
  redis: number;
}

export async function costOf(meter: RedisMeter, count: number, work: () => Promise<unknown>): Promise<Cost> {
  const [calls, microseconds] = [await meter.calls(), await meter.cpuMicroseconds()];
  await work();
  const [callsAfter, microsecondsAfter] = [await meter.calls(), await meter.cpuMicroseconds()];
  return {
    scripts: (callsAfter.scripts - calls.scripts) / count,
    commands: (callsAfter.commands - calls.commands) / count,
    redis: (microsecondsAfter - microseconds) / count,
  };
}

export async function open(node: Node, from: number, count: number): Promise<Person[]> {
  const people: Person[] = [];
  const indexes = Array.from({ length: count }, (_, index) => from + index);
  await each(indexes, async (index) => {
    people[index - from] = await Person.open(node, index);
  });
  return people;
}

export async function each<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const actInTurn = async () => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, actInTurn));
}
