import { describe, expect } from "vitest";
import { MatchEndedEvent_Reason, SessionClosedEvent_Reason } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { pair } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { Receiver, WEBHOOK_SECRET } from "../support/webhook-receiver.js";
import { type ClusterFixture, it } from "./support/cluster-fixture.js";
import type { Crowd } from "./support/crowd.js";
import { EventWatcher, faultsIn, matchesIn, sessionsIn } from "./support/event-watcher.js";
import { clusterVariables } from "./support/fleet.js";
import { eventually } from "./support/settle.js";

/** How often a server is killed. `EVENT_KILLS=50` runs the long loop. */
const KILLS = Number(process.env.EVENT_KILLS ?? 10);
const CLIENTS = 30;
const WINDOW = { MAX_DISCONNECTION_DURATION_MS: "2000" };
/** What all these tests have in common. */
const common = { ...WINDOW, EVENTS_MAX: "1000000" };
/** For a server without Redis. */
const alone = { ...clusterVariables, REDIS_ENABLED: "false" };
/** How long an instance that is killed keeps a receiver of webhooks, and some time to deliver what has waited. */
const CATCH_UP_MS = 240_000;

function internalUrlOf({ output }: ServerProcess): string {
  const announced = /internal services on \S+/.exec(output)?.[0] ?? "";
  return (
    /http:\/\/127\.0\.0\.1:\d+|http:\/\/localhost:\d+/.exec(announced)?.[0]?.replace("localhost", "127.0.0.1") ?? ""
  );
}

function webhooksTo({ url }: Receiver): Record<string, string> {
  return { WEBHOOK_URLS: url, WEBHOOK_SECRET };
}

/**
 * Kills one instance after the other while clients meet and part. Then compares the log with what its watcher, which is
 * broken too, a receiver of webhooks and the clients have seen.
 */
async function killOften(
  fixture: ClusterFixture,
  instances: readonly ServerProcess[],
  receiver: Receiver,
): Promise<void> {
  const urls = instances.map(({ url }) => url);
  const crowd = await fixture.crowd(CLIENTS, urls);
  let reading = 0;
  const internalUrl = () => {
    const running = instances.filter(({ isAlive }) => isAlive);
    const next = running.at(++reading % Math.max(1, running.length));
    return next === undefined ? "" : internalUrlOf(next);
  };
  const watcher = await fixture.keep(Promise.resolve(new EventWatcher(internalUrl)));
  crowd.visit();
  for (let kill = 0; kill < KILLS; kill++) {
    const [victim, { partings }] = [instances[kill % instances.length], crowd];
    await eventually("some have parted", () => crowd.partings >= partings + CLIENTS / 2);
    await victim?.stop("SIGKILL");
    if (kill % 2 === 0) watcher.break();
    await victim?.start();
  }
  await crowd.rest();
  await crowd.close();
  const missed = () => missedIn(crowd, watcher);
  const isComplete = () => [...faultsIn(watcher.events), ...missed()].length === 0;
  await eventually("all that clients saw is in the log", isComplete).catch(() => undefined);
  expect(faultsIn(watcher.events)).toEqual([]);
  expect(watcher.problems).toEqual([]);
  expect(missed()).toEqual([]);
  expect(crowd.clients.flatMap(({ problems }) => problems)).toEqual([]);
  const ids = watcher.events.map(({ eventId }) => eventId);
  await eventually("webhooks are delivered", () => receiver.has(ids.at(-1)), CATCH_UP_MS).catch(() => undefined);
  expect(receiver.events).toEqual(ids);
  const seen = new Set(crowd.clients.flatMap(({ conversations }) => [...conversations.keys()]));
  const counts = [KILLS, matchesIn(watcher.events).size, seen.size, sessionsIn(watcher.events).size];
  const words = ["kills", "matches", "seen by clients", "sessions", "events", "webhooks", "of them repeated"];
  const figures = [...counts, ids.length, receiver.came.length, receiver.came.length - ids.length];
  console.log(words.map((word, index) => `${word}: ${String(figures[index])}`).join(", "));
}

/** The matches and sessions that clients saw, but the watcher did not. */
function missedIn({ clients }: Crowd, { events }: EventWatcher): string[] {
  const [matches, sessions] = [matchesIn(events), sessionsIn(events)];
  return clients.flatMap(({ conversations, sessionIds }) => [
    ...[...conversations.keys()].filter((matchId) => !matches.has(matchId)),
    ...[...sessionIds].filter((sessionId) => !sessions.has(sessionId)),
  ]);
}

describe.concurrent("the log of events", () => {
  it(`has one end of each beginning when instances that share Redis are killed, ${String(KILLS)} times`, async ({
    fixture,
  }) => {
    const receiver = await fixture.keep(Receiver.open());
    const fleet = await fixture.fleet({ variables: { ...common, ...webhooksTo(receiver) } });
    await killOften(fixture, fleet.instances, receiver);
  });

  it(`has one end of each beginning when the only instance is killed, ${String(KILLS)} times`, async ({ fixture }) => {
    const receiver = await fixture.keep(Receiver.open());
    const server = await fixture.keep(ServerProcess.start({ ...common, ...alone, ...webhooksTo(receiver) }));
    await killOften(fixture, [server], receiver);
  });

  it("has the end of everything when the only instance is stopped", async ({ fixture }) => {
    const server = await fixture.keep(ServerProcess.start(common));
    let internalUrl = internalUrlOf(server);
    const watcher = await fixture.keep(Promise.resolve(new EventWatcher(() => internalUrl)));
    await pair(transportTo(server.url.replace("localhost", "127.0.0.1")));
    expect(await server.stop("SIGTERM")).toBe(0);
    await server.start();
    internalUrl = internalUrlOf(server);
    await eventually("the log is complete", () => watcher.events.length >= 6);
    expect(faultsIn(watcher.events)).toEqual([]);
    const reasons = watcher.events.flatMap(({ event }) =>
      event.case === "matchEnded" || event.case === "sessionClosed" ? event.value.reason : [],
    );
    const { SERVER_STOPPED } = SessionClosedEvent_Reason;
    expect(reasons).toEqual([MatchEndedEvent_Reason.SERVER_STOPPED, SERVER_STOPPED, SERVER_STOPPED]);
  });
});
