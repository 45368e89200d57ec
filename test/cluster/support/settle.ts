import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Crowd } from "./crowd.js";
import { type Fleet, realmKey as base } from "./fleet.js";
import type { Guest } from "./guest.js";
import type { Talk } from "./talk.js";

const PATIENCE_MS = 60_000;
/** For what takes as long as the machine is busy, and not the server. */
export const LONG_PATIENCE_MS = 120_000;
/** What an instance may log through a failure, in lines. */
const MAX_LINES = 40;

/**
 * What must hold after any failure. The crowd comes to rest; then everything acknowledged has arrived once and in order,
 * every match was one of exactly two, and all who are put into the queue find each other.
 */
export async function settle(crowd: Crowd, fleet: Fleet): Promise<void> {
  await crowd.rest();
  await eventually("every stream is open", () => crowd.guests.every(({ present }) => present));
  await eventually("what was acknowledged has arrived", () => undelivered(crowd).length === 0).catch(() => undefined);
  expect(undelivered(crowd), "what was acknowledged arrives, once and in order").toEqual([]);
  await eventually("both sides were told of their match", () => unpaired(crowd).length === 0).catch(() => undefined);
  expect(unpaired(crowd), "a match is one of two").toEqual([]);
  await pairAll(crowd, fleet);
  expect(faults(fleet), "no instance logs an error, nor too much").toEqual([]);
  expect(await contradictions(fleet), "Redis agrees with itself").toEqual([]);
  expect(
    crowd.guests.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
    "nobody saw what should not happen",
  ).toEqual([]);
}

/** Waits until there have been as many partings as guests, from now on. How fast that is tells about the machine. */
export async function goOn(crowd: Crowd): Promise<void> {
  const enough = crowd.partings + crowd.guests.length;
  await eventually("all meet and part", () => crowd.partings > enough, LONG_PATIENCE_MS);
}

/** Errors in the logs of the instances, and logs that are too long for what happened. */
function faults(fleet: Fleet): string[] {
  return fleet.instances.flatMap(({ output }) => {
    const lines = output.split("\n");
    const errors = lines.filter((line) => /"level":[56]0/.test(line));
    return lines.length > MAX_LINES ? [...errors, ...lines.slice(-5)] : errors;
  });
}

/** Everybody leaves and looks for a partner; nobody who could have one is left over. */
export async function pairAll(crowd: Crowd, fleet: Fleet): Promise<void> {
  await Promise.all(crowd.guests.map((guest) => guest.leave()));
  const busy = () => crowd.guests.filter(({ state }) => state !== "idle");
  const areIdle = async () => {
    await Promise.all(busy().map((guest) => guest.leave())); // what was told before the first one may have come after it
    return busy().length === 0;
  };
  await eventually("all are idle", areIdle).catch(() => undefined);
  const said = fleet.instances.map(({ output }) => output.slice(-1_500)).join("\n");
  expect(
    busy().map(({ name, state, present, homeUrl }) => `${name} at ${homeUrl} is ${state}, ${String(present)}`),
    said,
  ).toEqual([]);
  const met = meetings(crowd);
  await Promise.all(crowd.guests.map((guest) => guest.match()));
  const lonely = () => crowd.guests.filter(({ state }) => state !== "matched");
  const couldMeet = () =>
    lonely().filter((one) => lonely().some((other) => other !== one && !met.get(one)?.has(other))).length;
  await eventually("no waiter is lost", () => couldMeet() === 0);
  await eventually("all wait or talk", () => crowd.guests.every(({ state }) => state !== "idle"));
  expect(unpaired(crowd), "a match is one of two").toEqual([]);
}

/** Whom everybody has been in a match with. */
function meetings(crowd: Crowd): Map<Guest, Set<Guest>> {
  const met = new Map<Guest, Set<Guest>>(crowd.guests.map((guest) => [guest, new Set()]));
  for (const [, sides] of matches(crowd)) {
    for (const a of sides) for (const b of sides) if (a !== b) met.get(a)?.add(b);
  }
  return met;
}

function matches(crowd: Crowd): Map<string, Guest[]> {
  const found = new Map<string, Guest[]>();
  for (const guest of crowd.guests) {
    for (const matchId of guest.talks.keys()) found.set(matchId, [...(found.get(matchId) ?? []), guest]);
  }
  return found;
}

/** Matches that are not between exactly two, except where the store lost what it had told. */
function unpaired(crowd: Crowd): string[] {
  return [...matches(crowd)].flatMap(([matchId, sides]) => {
    const lossy = sides.some(({ talks, count }) => (talks.get(matchId)?.lossy ?? false) || count.snapshots > 0);
    const isRight = sides.length === 2 || (lossy && sides.length === 1);
    return isRight ? [] : [`${matchId}: ${sides.map(({ name }) => name).join(", ")}`];
  });
}

/** Pairs of which one has reported the other: what was on its way between them is removed. */
function partedForGood(crowd: Crowd): Set<string> {
  const parted = [...matches(crowd)].filter(([matchId, sides]) => sides.some(({ reported }) => reported.has(matchId)));
  return new Set(parted.map(([, sides]) => pairOf(sides)));
}

function pairOf(sides: readonly Guest[]): string {
  return sides
    .map(({ name }) => name)
    .sort()
    .join(" and ");
}

/** Signals that were acknowledged and did not arrive, or arrived otherwise than they were sent. */
function undelivered(crowd: Crowd): string[] {
  const parted = partedForGood(crowd);
  return [...matches(crowd)].flatMap(([matchId, sides]) => {
    if (parted.has(pairOf(sides))) return [];
    const talks = sides.map(({ talks }) => talks.get(matchId)).filter((talk): talk is Talk => talk !== undefined);
    const [one, other] = talks;
    if (one === undefined || other === undefined || one.lossy || other.lossy) return [];
    const problems = [flaw(one, other), flaw(other, one)].filter((problem) => problem !== undefined);
    return problems.map((problem) => `${matchId}: ${problem}`);
  });
}

function flaw(sender: Talk, receiver: Talk): string | undefined {
  const { received } = receiver;
  const inOrder = received.every((number, index) => number === index + 1);
  if (inOrder && received.length >= sender.acknowledged && received.length <= sender.tried) return undefined;
  return `acknowledged ${String(sender.acknowledged)}, tried ${String(sender.tried)}, came ${received.join(" ")}`;
}

/** Sessions in Redis whose partner is not theirs, and numbers that do not add up. */
async function contradictions(fleet: Fleet): Promise<string[]> {
  return fleet.command(async (client) => {
    const found: string[] = [];
    const ids = (await client.keys(`${base}:session:*`)).map((key) => key.slice(`${base}:session:`.length));
    const count = await client.hgetall(`${base}:count`);
    let matched = 0;
    for (const id of ids) {
      const [state, matchId, role] = await client.hmget(`${base}:session:${id}`, "state", "match", "role");
      if (state !== "matched") continue;
      matched++;
      const side = await client.hget(`${base}:match:${matchId ?? ""}`, `${role ?? ""}_id`);
      if (side !== id) found.push(`${id} is in ${matchId ?? ""}, which knows ${String(side)}`);
    }
    const told = [Number(count.sessions), Number(count.matches)];
    if (told[0] !== ids.length || told[1] !== matched / 2) {
      found.push(`counted ${told.join(", ")}, found ${String(ids.length)}, ${String(matched / 2)}`);
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
    if (performance.now() > deadlineMs) throw new Error(`in vain: ${what}`);
    await sleep(50);
  }
}
