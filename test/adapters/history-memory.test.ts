import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { systemRandom } from "../../src/adapters/node/random.js";
import type { AddressKey, DeviceKey, Epoch, SessionId, TicketId } from "../../src/core/ids.js";
import { AVOID_MS, REPORTABLE_MS } from "../../src/core/limits.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { networkKey } from "../../src/core/network-key.js";
import { sessionKey } from "../../src/core/session-key.js";
import { issueTicket } from "../../src/core/ticket.js";

const HISTORY_BYTES = 8 * 1024;
/** Each meets all others once, which is more than a session may report. */
const PEOPLE = 128;
/** Lobbies that are measured together, as the engine allocates for itself too. */
const LOBBIES = 2;
const START_MS = 1_800_000_000_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Sessions that have met nobody yet. */
async function gather(device: () => DeviceKey | undefined) {
  const realm = new LobbyState(20_000);
  const [lobby, mailbox] = [new MemoryLobby(realm), new MemoryMailbox(realm)];
  const people: SessionId[] = [];
  while (people.length < PEOPLE) {
    const sessionId = systemRandom.id() as SessionId;
    const network = networkKey(["/64", "/56", "/48"].map(() => systemRandom.id() as AddressKey));
    const about = { sessionId, addressKey: sessionKey({ device: device() }, network), quotas: [], maxSessions: PEOPLE };
    await lobby.open({ ...about, epoch: "e" as Epoch, nowMs: START_MS });
    people.push(sessionId);
  }
  return { lobby, mailbox, people };
}

type Crowd = Awaited<ReturnType<typeof gather>>;

/** Lets each meet all others, with a pause after each round. */
async function mingle({ lobby, mailbox, people }: Crowd, pauseMs: number): Promise<void> {
  let nowMs = START_MS;
  const seek = async (sessionId: SessionId, pair: string) => {
    const wish = { preferences: { interests: [pair], languages: [], relayOnly: false }, rematch: false };
    const ticket = issueTicket(systemRandom.id() as TicketId, sessionId, wish, nowMs, defaultSchema(AVOID_MS));
    return lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs });
  };
  for (const pairs of rounds(people)) {
    for (const [ann, bob] of pairs) {
      await seek(ann, `${ann} ${bob}`);
      expect(await seek(bob, `${ann} ${bob}`)).toMatchObject({ state: "matched" });
      await lobby.leave({ sessionId: ann, nowMs });
      for (const id of [ann, bob]) await mailbox.trim(id, Infinity);
    }
    nowMs = Math.floor(nowMs + pauseMs);
    await lobby.expire({ nowMs, limit: 1 });
  }
}

it.each([
  { known: "their network", pauseMs: AVOID_MS / PEOPLE, device: () => undefined },
  { known: "their browser", pauseMs: REPORTABLE_MS / PEOPLE, device: () => `^${systemRandom.id()}` as DeviceKey },
])("the histories of sessions known by $known take at most 8 KiB each", async ({ pauseMs, device }) => {
  await mingle(await gather(device), pauseMs); // the engine compiles
  const crowds = [];
  while (crowds.length < LOBBIES) crowds.push(await gather(device));
  const before = heldBytes();
  for (const crowd of crowds) await mingle(crowd, pauseMs);
  const perSession = (heldBytes() - before) / (LOBBIES * PEOPLE);
  expect(perSession, "bytes").toBeLessThan(HISTORY_BYTES);
  expect(perSession, "bytes, as there are histories").toBeGreaterThan(HISTORY_BYTES / 4);
});

function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Rounds of pairs in which each meets all others: the first stays in place, the others move on. */
function* rounds(people: readonly SessionId[]): Iterable<[SessionId, SessionId][]> {
  const others = people.slice(1);
  const at = (index: number) => others[index % others.length] ?? ("" as SessionId);
  for (let round = 0; round < others.length; round++) {
    const pairs: [SessionId, SessionId][] = [[people[0] ?? ("" as SessionId), at(round)]];
    for (let apart = 1; apart <= (others.length - 1) / 2; apart++) {
      pairs.push([at(round + apart), at(round + others.length - apart)]);
    }
    yield pairs;
  }
}
