import { describe, expect } from "vitest";
import { MatchEndedEvent_Reason, SessionClosedEvent_Reason } from "../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { pair } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { it } from "./support/cluster-fixture.js";
import { EventWatcher, faultsIn, matchesIn } from "./support/event-watcher.js";
import { eventually, goOn } from "./support/settle.js";

/** How often a server is killed. `EVENT_KILLS=50` runs the long loop. */
const KILLS = Number(process.env.EVENT_KILLS ?? 3);
const WINDOW = { MAX_DISCONNECTION_DURATION_MS: "2000" };
/** What all these tests have in common. */
const common = { ...WINDOW, EVENTS_MAX: "1000000" };

function internalUrlOf({ output }: ServerProcess): string {
  const announced = /internal services on \S+/.exec(output)?.[0] ?? "";
  return (
    /http:\/\/127\.0\.0\.1:\d+|http:\/\/localhost:\d+/.exec(announced)?.[0]?.replace("localhost", "127.0.0.1") ?? ""
  );
}

describe.concurrent("the log of events", () => {
  it(`has one end of each beginning when instances that share Redis are killed, ${String(KILLS)} times`, async ({
    fixture,
  }) => {
    const fleet = await fixture.fleet({ variables: common });
    const crowd = await fixture.crowd(60, fleet.urls);
    let reading = 0;
    const running = () => fleet.instances.filter((instance) => instance.isAlive);
    const nextUrl = () => internalUrlOf(running().at(++reading % running().length) ?? fleet.instance(0));
    const watcher = await fixture.keep(Promise.resolve(new EventWatcher(nextUrl)));
    crowd.roam();
    for (let kill = 0; kill < KILLS; kill++) {
      await goOn(crowd);
      await fleet.instance(kill % 3).stop("SIGKILL");
      watcher.break();
      await goOn(crowd);
      await fleet.instance(kill % 3).start();
    }
    await crowd.rest();
    const seen = crowd.clients.flatMap(({ conversations }) => [...conversations.keys()]);
    await crowd.close();
    await eventually("all sessions are closed", () => faultsIn(watcher.events).length === 0).catch(() => undefined);
    expect(faultsIn(watcher.events)).toEqual([]);
    expect(watcher.problems).toEqual([]);
    const logged = matchesIn(watcher.events);
    expect(seen.filter((matchId) => !logged.has(matchId))).toEqual([]);
    expect(logged.size).toBeGreaterThan(10);
  });

  it(`has one end of each beginning when the only instance is killed, ${String(KILLS)} times`, async ({ fixture }) => {
    const limits = { MAX_CONNECTIONS_PER_IP: "10000", RATE_LIMIT_MAX_REQUESTS: "1000000" };
    const server = await fixture.keep(ServerProcess.start({ ...common, ...limits }));
    let internalUrl = internalUrlOf(server);
    const watcher = await fixture.keep(Promise.resolve(new EventWatcher(() => internalUrl)));
    const seen: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const transport = transportTo(server.url.replace("localhost", "127.0.0.1"));
      const pairs = await Promise.all(Array.from({ length: 12 }, () => pair(transport)));
      seen.push(...pairs.map(({ matchId }) => matchId));
      for (const { offerer } of pairs.slice(0, 4)) await offerer.leave();
      if (kill % 2 === 0) watcher.break();
      await server.stop("SIGKILL");
      await server.start();
      internalUrl = internalUrlOf(server);
    }
    await eventually("the log is complete", () => faultsIn(watcher.events).length === 0).catch(() => undefined);
    expect(faultsIn(watcher.events)).toEqual([]);
    expect(watcher.problems).toEqual([]);
    const logged = matchesIn(watcher.events);
    expect(seen.filter((matchId) => !logged.has(matchId))).toEqual([]);
    expect(logged.size).toBe(12 * KILLS);
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
