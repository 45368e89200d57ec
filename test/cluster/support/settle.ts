import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Crowd } from "./crowd.js";
import { type Fleet, realmKey as base } from "./fleet.js";
import type { ReconnectingClient } from "./reconnecting-client.js";
import type { Conversation } from "./conversation.js";
import { PATIENCE_MS } from "../../support/patience.js";
import { unpacked } from "../../support/packed.js";

/** How many lines an instance may log during a failure. */
const MAX_LINES = 40;

/**
 * Checks the invariants after a failure. The crowd rests; then every acknowledged signal has arrived once and in order,
 * every match had exactly two sides, and all clients that search find a partner.
 */
export async function settle(crowd: Crowd, fleet: Fleet): Promise<void> {
  await crowd.rest();
  await eventually("every client has an open stream", () => crowd.clients.every(({ present }) => present));
  await eventually("what was acknowledged has arrived", () => undelivered(crowd).length === 0).catch(() => undefined);
  expect(undelivered(crowd), "acknowledged signals arrive once and in order").toEqual([]);
  await eventually("both sides were notified of their match", () => unpaired(crowd).length === 0).catch(
    () => undefined,
  );
  expect(unpaired(crowd), "a match has two sides").toEqual([]);
  await pairAll(crowd, fleet);
  expect(faults(fleet), "no instance logs an error or too many lines").toEqual([]);
  expect(await contradictions(fleet), "the data in Redis is consistent").toEqual([]);
  expect(
    crowd.clients.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
    "no client recorded a problem",
  ).toEqual([]);
}

/** Waits for as many ended matches as there are clients. How long that takes depends on the machine. */
export async function goOn(crowd: Crowd): Promise<void> {
  const enough = crowd.partings + crowd.clients.length;
  await eventually("all meet and part", () => crowd.partings > enough);
}

/** Errors logged by the instances, and logs that are too long. */
function faults(fleet: Fleet): string[] {
  return fleet.instances.flatMap(({ output }) => {
    const lines = output.split("\n");
    const errors = lines.filter((line) => /"level":[56]0/.test(line));
    return lines.length > MAX_LINES ? [...errors, ...lines.slice(-5)] : errors;
  });
}

/** All clients leave and search again; none that could have a partner remains without one. */
export async function pairAll(crowd: Crowd, fleet: Fleet): Promise<void> {
  await Promise.all(crowd.clients.map((client) => client.leave()));
  const busy = () => crowd.clients.filter(({ state }) => state !== "idle");
  const areIdle = async () => {
    await Promise.all(busy().map((client) => client.leave())); // an earlier event may have arrived after the first call
    return busy().length === 0;
  };
  await eventually("all are idle", areIdle).catch(() => undefined);
  const said = fleet.instances.map(({ output }) => output.slice(-1_500)).join("\n");
  expect(
    busy().map(({ name, state, present, homeUrl }) => `${name} at ${homeUrl} is ${state}, ${String(present)}`),
    said,
  ).toEqual([]);
  const met = meetings(crowd);
  await Promise.all(crowd.clients.map((client) => client.match()));
  const lonely = () => crowd.clients.filter(({ state }) => state !== "matched");
  const couldMeet = () =>
    lonely().filter((one) => lonely().some((other) => other !== one && !met.get(one)?.has(other))).length;
  await eventually("no waiter is lost", () => couldMeet() === 0);
  await eventually("all wait or conversation", () => crowd.clients.every(({ state }) => state !== "idle"));
  await eventually("both sides know of it", () => unpaired(crowd).length === 0).catch(() => undefined);
  expect(unpaired(crowd), "a match has two sides").toEqual([]);
}

/** The partners that each client has had. */
function meetings(crowd: Crowd): Map<ReconnectingClient, Set<ReconnectingClient>> {
  const met = new Map<ReconnectingClient, Set<ReconnectingClient>>(crowd.clients.map((client) => [client, new Set()]));
  for (const [, sides] of matches(crowd)) {
    for (const a of sides) for (const b of sides) if (a !== b) met.get(a)?.add(b);
  }
  return met;
}

function matches(crowd: Crowd): Map<string, ReconnectingClient[]> {
  const found = new Map<string, ReconnectingClient[]>();
  for (const client of crowd.clients) {
    for (const matchId of client.conversations.keys()) found.set(matchId, [...(found.get(matchId) ?? []), client]);
  }
  return found;
}

/** Matches that do not have exactly two sides, except if the store lost events. */
function unpaired(crowd: Crowd): string[] {
  return [...matches(crowd)].flatMap(([matchId, sides]) => {
    const lossy = sides.some(
      ({ conversations, count }) => (conversations.get(matchId)?.lossy ?? false) || count.snapshots > 0,
    );
    const isRight = sides.length === 2 || (lossy && sides.length === 1);
    return isRight ? [] : [`${matchId}: ${sides.map(({ name }) => name).join(", ")}`];
  });
}

/** Pairs with a report: undelivered signals between them are removed. */
function partedForGood(crowd: Crowd): Set<string> {
  const parted = [...matches(crowd)].filter(([matchId, sides]) => sides.some(({ reported }) => reported.has(matchId)));
  return new Set(parted.map(([, sides]) => pairOf(sides)));
}

function pairOf(sides: readonly ReconnectingClient[]): string {
  return sides
    .map(({ name }) => name)
    .sort()
    .join(" and ");
}

/** Acknowledged signals that did not arrive, or not as sent. */
function undelivered(crowd: Crowd): string[] {
  const parted = partedForGood(crowd);
  return [...matches(crowd)].flatMap(([matchId, sides]) => {
    if (parted.has(pairOf(sides))) return [];
    const conversations = sides
      .map(({ conversations }) => conversations.get(matchId))
      .filter((conversation): conversation is Conversation => conversation !== undefined);
    const [one, other] = conversations;
    if (one === undefined || other === undefined || one.lossy || other.lossy) return [];
    const problems = [flaw(one, other), flaw(other, one)].filter((problem) => problem !== undefined);
    return problems.map((problem) => `${matchId}: ${problem}`);
  });
}

function flaw(sender: Conversation, receiver: Conversation): string | undefined {
  const { received } = receiver;
  const inOrder = received.every((number, index) => number === index + 1);
  if (inOrder && received.length >= sender.acknowledged && received.length <= sender.tried) return undefined;
  return `acknowledged ${String(sender.acknowledged)}, tried ${String(sender.tried)}, came ${received.join(" ")}`;
}

/** Sessions in Redis whose partner is inconsistent, and wrong counters. */
async function contradictions(fleet: Fleet): Promise<string[]> {
  return fleet.command(async (client) => {
    const found: string[] = [];
    const ids = (await client.keys(`${base}:session:*`)).map((key) => key.slice(`${base}:session:`.length));
    const count = (await unpacked(client, `${base}:counts`)) ?? {};
    let matched = 0;
    for (const id of ids) {
      const { state, match, role } = (await unpacked(client, `${base}:session:${id}`)) ?? {};
      if (state !== "matched") continue;
      matched++;
      const side = (await unpacked(client, `${base}:match:${String(match)}`))?.[`${String(role)}_id`];
      if (side !== id) found.push(`${id} is in ${String(match)}, which knows ${String(side)}`);
    }
    const counted = [Number(count.sessions), Number(count.matches)];
    if (counted[0] !== ids.length || counted[1] !== matched / 2) {
      found.push(`counted ${counted.join(", ")}, found ${String(ids.length)}, ${String(matched / 2)}`);
    }
    return found;
  });
}

/** Waits until something holds. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`timed out: ${what}`);
    await sleep(50);
  }
}
