import { createConnectTransport } from "@connectrpc/connect-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { Satoshigle } from "../../src/client/index.js";
import { FakePeerConnection, stubPeerConnection } from "../client/fake-peer-connection.js";
import { pair, uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { sdp } from "../support/sdp.js";
import { ELSEWHERE } from "./support/bystander.js";
import { report, Target } from "./support/target.js";
import { PATIENCE_MS } from "../support/patience.js";

const SENDS = 15;
const OFFERS = 64;

let target: Target;
beforeEach(async () => {
  target = await Target.start({ WIDEN_AFTER_MS: "600000", BAN_AFTER_REPORTS: "0" }); // with the default rate limits
});
afterEach(() => target.close());

/** Sends the partner offers, 64 per call. */
async function drain(attacker: TestClient, matchId: string, firstSequence = 1): Promise<void> {
  for (let index = 0; index < SENDS; index++) {
    const signals = Array.from({ length: OFFERS }, (_, offer) => ({
      kind: {
        case: "description" as const,
        value: { type: Description_Type.OFFER, sdp: sdp(`a=x-offer:${String(index)}.${String(offer)}`) },
      },
    }));
    await attacker.send({ matchId, clientSequence: firstSequence + index, signals });
  }
}

/** A connection with valid descriptions, each different. */
class DescribingPeerConnection extends FakePeerConnection {
  #version = 0;

  override async setLocalDescription(): Promise<void> {
    await super.setLocalDescription();
    const lines = [`a=ice-ufrag:${this.fragment}`, `a=x-version:${String(++this.#version)}`];
    if (this.localDescription !== null) this.localDescription.sdp = sdp(...lines);
  }
}

const outcomeOf = (call: Promise<unknown>) => call.then(() => "done", String);

describe("fifteen calls with 64 offers each do not use up the victim's budgets", () => {
  it("a victim that answers all of them can still report, leave and go on to the next", async () => {
    const {
      matchId,
      offerer: attacker,
      answerer: victim,
    } = await pair(
      target.transport(),
      {},
      {
        answerer: target.transport(ELSEWHERE),
      },
    );
    await drain(attacker, matchId);
    let [answered, refused] = [0, 0];
    const answer = { kind: { case: "description" as const, value: { type: Description_Type.ANSWER, sdp: sdp() } } };
    const answerOffer = async (what: string | undefined) => {
      if (what !== "description") return;
      try {
        await victim.send({ matchId, clientSequence: answered + 1, signals: [answer] });
        answered++;
      } catch {
        refused++;
      }
    };
    for (let call = 0; call < SENDS; call++) {
      const { signals } = await victim.until("signalReceived");
      for (const { kind } of signals) await answerOffer(kind.case);
    }
    const reported = await outcomeOf(victim.report({ matchId, reason: ReportReason.HARASSMENT }));
    const next = await outcomeOf(
      victim.match({ leaveMatchId: matchId, preferences: { interests: [uniqueInterest()] } }),
    );
    const left = await outcomeOf(victim.leave());
    report("15 calls with 64 offers, each answered", { answered, refused, reported, next, left });
    expect(refused, "the budget of Send must be used up").toBeGreaterThan(0);
    expect({ reported, next, left }).toEqual({ reported: "done", next: "done", left: "done" });
  });

  describe("on a page with our client", () => {
    beforeEach(() => {
      stubPeerConnection();
      vi.stubGlobal("RTCPeerConnection", DescribingPeerConnection);
    });
    afterEach(() => {
      vi.unstubAllGlobals();
    });

    it("the client answers few, and can report and go on", async () => {
      const sends = { count: 0 };
      const transport = createConnectTransport({
        baseUrl: target.url,
        httpVersion: "1.1",
        nodeOptions: { localAddress: ELSEWHERE, agent: false },
        interceptors: [
          (next) => (request) => {
            if (request.method.name === "Send") sends.count++;
            return next(request);
          },
        ],
      });
      const client = new Satoshigle(target.url, { storage: null }, transport);
      const matched = new Promise<string>((resolve) => client.on("matched", ({ matchId }) => resolve(matchId)));
      const interests = [uniqueInterest()];
      await client.start({ interests });
      const attacker = await TestClient.open(target.transport());
      await attacker.match({ preferences: { interests } });
      const matchId = await matched;
      await drain(attacker, matchId);
      await settled(() => sends.count);
      const reported = await outcomeOf(client.report("harassment"));
      const next = await outcomeOf(client.start({ interests: [uniqueInterest()] }));
      report("15 calls with 64 offers to our client", { "its calls of Send": sends.count, reported, next });
      await client.close();
      expect({ reported, next }).toEqual({ reported: "done", next: "done" });
      expect(sends.count).toBeLessThanOrEqual(2 * SENDS);
    });
  });
});

/** Waits until a number has not changed for two seconds. */
async function settled(read: () => number): Promise<void> {
  let [last, sinceMs] = [read(), performance.now()];
  await vi.waitFor(
    () => {
      if (read() !== last) [last, sinceMs] = [read(), performance.now()];
      expect(performance.now() - sinceMs).toBeGreaterThan(2_000);
    },
    { timeout: PATIENCE_MS, interval: 100 },
  );
}
