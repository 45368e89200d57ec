import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { startReaper } from "../../src/app/reaper.js";
import type { LobbyCounts } from "../../src/ports/lobby-stats.js";
import { randomFrom } from "../support/unreliable-client.js";
import { arrivalTimes } from "./arrivals.js";
import { type Crowd, schemaFor, standardCrowd } from "./crowd.js";
import { Figures } from "./figures.js";
import type { Model } from "./model.js";
import { People } from "./people.js";
import { Timeline } from "./timeline.js";

export interface SimulationOptions {
  model: Model;
  seed: number;
  crowd?: Crowd;
  /** Called with each wait that ended in a match, in milliseconds. */
  onWait?: (waitedMs: number) => void;
  /** Called after each simulated hour. */
  onHour?: (hour: number, figures: Figures) => void;
}

export interface SimulatedDay {
  figures: Figures;
  /** What the lobby holds when all people are gone. */
  remains: LobbyCounts;
  wallMs: number;
  /** Time of the processor, of the simulated people as well as of the lobby. */
  cpuMs: number;
}

const HOUR_MS = 3_600_000;
/** The hours after midnight within which the last people leave. */
const LAST_HOURS = 24;

/** Simulates one day on the lobby of a single process, with the server's own timer for deadlines. */
export async function simulateDay({ model, seed, crowd, onWait, onHour }: SimulationOptions): Promise<SimulatedDay> {
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
  const timeline = new Timeline();
  const figures = new Figures();
  const realm = new LobbyState(model.handshakeMs);
  const [lobby, mailbox] = [new MemoryLobby(realm), new MemoryMailbox(realm)];
  const random = randomFrom(seed);
  const people = new People({
    ...{ lobby, mailbox, timeline, figures, model, random, onWait },
    schema: schemaFor(model.widenAfterMs),
  });
  const failures: unknown[] = [];
  const stop = startReaper(lobby, timeline, (error) => failures.push(error));
  const arrivals = arrivalTimes(model.hourlyArrivals, model.people, randomFrom(seed + 1));
  const endMs = model.hourlyArrivals.length * HOUR_MS;
  const [drawPerson, crowdRandom] = [crowd ?? standardCrowd, randomFrom(seed + 2)]; // the same people in each model
  const planNext = (): void => {
    const next = arrivals.next();
    if (next.done === true) return;
    timeline.plan(next.value - timeline.nowMs(), async () => {
      planNext();
      await people.arrive(drawPerson(crowdRandom));
    });
  };
  planNext();
  for (let hour = 0; hour < endMs / HOUR_MS; hour++) {
    timeline.plan(hour * HOUR_MS, () => {
      figures.beginHour(timeline.nowMs());
      onHour?.(hour, figures);
    });
  }
  while (timeline.nowMs() < endMs || figures.online > 0 || realm.sessions.size > 0) {
    await timeline.step();
    await people.deliver();
    if (failures.length > 0) throw failures[0];
    if (timeline.nowMs() > endMs + LAST_HOURS * HOUR_MS) break; // something remains; the counts show what
  }
  stop();
  const { user, system } = process.cpuUsage(startCpu);
  const times = { wallMs: performance.now() - startMs, cpuMs: (user + system) / 1_000 };
  return { figures, remains: await lobby.count(), ...times };
}
