import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MatchEnded_Reason as Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { candidate, type Pair, pair, uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { sdp } from "../support/sdp.js";
import { agree } from "./support/bystander.js";
import { report, Target } from "./support/target.js";

const PAIRS = 6;
const DEADLINE_MS = 2_000;

let target: Target;
beforeAll(async () => {
  target = await Target.start({
    MAX_CONNECTIONS_PER_IP: "10000",
    RATE_LIMIT_MAX_REQUESTS: "100000",
    CONNECTION_TIMEOUT_MS: String(DEADLINE_MS),
    WIDEN_AFTER_MS: "600000",
    MAX_LOOP_DELAY_MS: "10000",
  });
});
afterAll(() => target.close());

const done = { kind: { case: "candidatesDone" as const, value: {} } };
const offer = { type: Description_Type.OFFER, sdp: sdp() };

/** How a match ends for both sides at its handshake deadline. */
async function ends({ offerer, answerer }: Pair) {
  const [ofOfferer, ofAnswerer] = await Promise.all([offerer.until("matchEnded"), answerer.until("matchEnded")]);
  return { ofOfferer, ofAnswerer };
}

/** Pairs with an attacker that sends only these signals. Returns how their matches end. */
function attack(say: (pair: Pair) => Promise<unknown>, wish: Parameters<typeof pair>[1] = {}) {
  return Promise.all(
    Array.from({ length: PAIRS }, async () => {
      const two = await pair(target.transport(), wish);
      await say(two);
      return ends(two);
    }),
  );
}

describe.concurrent("candidates count neither as an offer nor as an answer", () => {
  it.each([
    ["candidates' end", [done]],
    ["a candidate", [candidate(1)]],
    ["a rollback", [{ kind: { case: "description" as const, value: { type: Description_Type.ROLLBACK } } }]],
  ])("an offerer that sends only %s is at fault, and its partner keeps its place", async (what, signals) => {
    const all = await attack(({ offerer, matchId }) => offerer.send({ matchId, clientSequence: 1, signals }));
    const ejected = all.filter(({ ofAnswerer }) => !ofAnswerer.requeued).length;
    const kept = all.filter(({ ofOfferer }) => ofOfferer.requeued).length;
    report(`an offerer that sends ${what}`, { victims: PAIRS, ejected, "attackers that keep their place": kept });
    expect(all.map(({ ofAnswerer }) => ofAnswerer.reason)).toEqual(Array(PAIRS).fill(Reason.PARTNER_UNRESPONSIVE));
    expect(all.map(({ ofOfferer }) => ofOfferer.reason)).toEqual(Array(PAIRS).fill(Reason.UNRESPONSIVE));
    expect({ ejected, kept }).toEqual({ ejected: 0, kept: 0 });
  });

  it("an answerer that sends only the end of candidates cannot keep the match past its deadline", async () => {
    const startMs = performance.now();
    const all = await attack(
      ({ answerer, matchId }) => answerer.send({ matchId, clientSequence: 1, signals: [done] }),
      {
        offer,
      },
    );
    const ejected = all.filter(({ ofOfferer }) => !ofOfferer.requeued).length;
    report("an answerer that never answers", { ejected, "over after ms": performance.now() - startMs });
    expect(all.map(({ ofAnswerer }) => ofAnswerer.reason)).toEqual(Array(PAIRS).fill(Reason.UNRESPONSIVE));
    expect(ejected).toBe(0);
  });

  it("a match with an answered offer continues", async () => {
    const good = await pair(target.transport());
    await agree(good);
    await attack(() => Promise.resolve()); // lasts until the deadline
    await good.offerer.send({ matchId: good.matchId, clientSequence: 2, signals: [candidate(2)] });
    expect((await good.answerer.next()).event.case).toBe("signalReceived");
  });
});

describe.concurrent("an offer that no browser can answer", () => {
  /** A place in the queue: since when its owner waits. */
  const placeOf = async (person: TestClient) => (await person.until("waiting")).startTime;
  const enter = () => TestClient.open(target.transport());

  it("an attacker that sends such an offer removes no partner from the queue", async () => {
    const all = await Promise.all(
      Array.from({ length: PAIRS }, async () => {
        const wish = { preferences: { interests: [uniqueInterest()] } };
        const [victim, attacker, honest] = await Promise.all([enter(), enter(), enter()]);
        await victim.match(wish);
        const before = await placeOf(victim);
        await attacker.match({ ...wish, offer }); // valid for the server, but not for browsers
        const { requeued } = await victim.until("matchEnded");
        const after = requeued ? await placeOf(victim) : undefined;
        await honest.match({ ...wish, offer });
        const [met, meets] = await Promise.all([victim.until("matched"), honest.until("matched")]);
        return { requeued, keptPlace: after?.seconds === before?.seconds, met: met.matchId === meets.matchId };
      }),
    );
    const ejected = all.filter(({ requeued }) => !requeued).length;
    report("an unusable offer", { victims: PAIRS, ejected });
    expect(all).toEqual(Array(PAIRS).fill({ requeued: true, keptPlace: true, met: true }));
  });

  /** An attacker is matched with victims in turn. Returns which of them kept their places, and whether it did. */
  async function meet(victims: number, isOfferer: boolean) {
    const attacker = await enter();
    const kept = { victims: [] as boolean[], attacker: [] as boolean[] };
    for (let met = 0; met < victims; met++) {
      const wish = { preferences: { interests: [uniqueInterest()] } };
      const victim = await enter();
      const [first, second] = isOfferer ? [victim, attacker] : [attacker, victim];
      await first.match(wish);
      await second.match({ ...wish, offer });
      const [ofVictim, ofAttacker] = await Promise.all([victim.until("matchEnded"), attacker.until("matchEnded")]);
      kept.victims.push(ofVictim.requeued);
      kept.attacker.push(ofAttacker.requeued);
      await attacker.leave();
    }
    return kept;
  }

  it.each([
    ["sends unusable offers", true],
    ["never answers", false],
  ])("an attacker that %s to several partners loses its place, and none of them does", async (what, isOfferer) => {
    const kept = await meet(4, isOfferer);
    report(`an attacker that ${what}`, { met: 4, "kept its place": kept.attacker.filter(Boolean).length });
    expect(kept).toEqual({ victims: [true, true, true, true], attacker: [true, true, false, false] });
  });
});

it("no attack caused an error", async () => {
  expect((await target.figures()).troubles).toEqual([]);
});
