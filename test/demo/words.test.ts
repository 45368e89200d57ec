import { describe as group, expect, it } from "vitest";
import type { Activity, Connection, EndReason } from "../../src/client/types.js";
import { clock, describe, explainEnd, phaseOf, shareInterests, titleOf, type Scene } from "../../src/demo/words.js";

type Waiting = Extract<Activity, { phase: "waiting" }>;
type Matched = Extract<Activity, { phase: "matched" }>;

const online: Connection = { status: "online" };
const away: Connection = { status: "reconnecting", retryAtMs: 5_000 };

function waiting(change: Partial<Waiting> = {}): Waiting {
  const known = { waitingCount: 3, estimatedWaitMs: undefined, widened: false, onlyRecentPartners: false };
  return { phase: "waiting", sinceMs: 0, gaveWay: [], fittingCount: 0, ...known, ...change };
}

function matched(change: Partial<Matched> = {}): Matched {
  const flags = { relayOnly: false, direct: "nobody" as const, signaled: true, chatReady: true };
  return {
    phase: "matched",
    matchId: "m",
    sharedInterests: [],
    profile: null,
    sharedAttributes: {},
    partnerMode: "video",
    mode: "video",
    call: "connected",
    partner: { status: "present" },
    ...flags,
    ...change,
  };
}

function say(activity: Activity, change: Partial<Scene> = {}, connection = online) {
  return describe({
    state: { connection, activity, tips: null, attributes: [], modeLimit: "" },
    starting: false,
    asking: false,
    blocked: false,
    overloaded: false,
    waitedMs: 0,
    lastEnd: null,
    ...change,
  });
}

const ended = (reason: EndReason, requeued: boolean) => ({ lastEnd: { reason, requeued } });

group("the words without a partner", () => {
  it("welcome a person who has not started yet", () => {
    expect(say({ phase: "idle" }).title).toBe("Say hello to a stranger");
  });

  it("ask to allow the camera while the browser asks", () => {
    expect(say({ phase: "idle" }, { asking: true }).detail).toContain("Please allow both");
  });

  it("say that another tab uses the last connection", () => {
    expect(say({ phase: "idle" }, { blocked: true }, away).title).toBe("Waiting for another tab to close…");
  });

  it("say why the last match ended when the person is not queued again", () => {
    expect(say({ phase: "idle" }, ended("unresponsive", false)).title).toBe("Your browser did not answer in time.");
  });

  it("forget how the last match ended when the person stops looking for the next one", () => {
    expect(say({ phase: "idle" }, ended("partner_skipped", true)).title).toBe("See you soon");
  });

  it("show how many are waiting and how long it takes", () => {
    const { detail } = say(waiting({ estimatedWaitMs: 5_200 }));
    expect(detail).toBe("3 people are waiting. It usually takes about 5 seconds.");
  });

  it("promise nothing to somebody who waits alone, however short past waits were", () => {
    const alone = waiting({ waitingCount: 1, estimatedWaitMs: 900 });
    expect(say(alone).detail).toBe("You are the first one here.");
    expect(say(alone, { waitedMs: 15_000 }).detail).toMatch(/^Nobody else is here yet\./);
  });

  it("say nothing of others before the server has answered", () => {
    const asked = waiting({ waitingCount: 0, estimatedWaitMs: undefined });
    for (const waitedMs of [0, 15_000]) {
      expect(say(asked, { waitedMs })).toEqual({ title: "Looking for someone…", detail: "" });
    }
  });

  it("say that it takes longer than usual once it does", () => {
    const wait = waiting({ estimatedWaitMs: 20_000 });
    expect(say(wait, { waitedMs: 19_000 }).detail).toContain("usually takes about 20 seconds");
    expect(say(wait, { waitedMs: 21_000 }).detail).toBe("3 people are waiting. It takes longer than usual.");
    expect(say(waiting({ estimatedWaitMs: 500 }), { waitedMs: 3_000 }).detail).toContain("usually takes a second");
  });

  it("tell a full server from one that is unreachable", () => {
    const words = say(waiting(), { overloaded: true }, away);
    expect(words).toMatchObject({ title: "Too many people are here right now", untilMs: 5_000 });
    expect(say(waiting(), { overloaded: true }).title).toBe("Looking for someone…");
  });

  it("say when the search includes everyone", () => {
    const { title, detail } = say(waiting({ widened: true }));
    expect(title).toBe("Looking for anyone…");
    expect(detail).toContain("Nobody here shares your interests");
  });

  it("say when only recent partners are available", () => {
    expect(say(waiting({ onlyRecentPartners: true })).title).toBe("Waiting for someone new…");
  });

  it("say how many people fit, and which filters no longer count", () => {
    const { detail } = say(waiting({ onlyRecentPartners: true, fittingCount: 2, gaveWay: ["interests", "country"] }));
    expect(detail.replaceAll(/[\u2068\u2069]/g, "")).toBe(
      "You have just met everyone who matches. Stay a moment, someone new may join. " +
        "Nobody fits your choice of country yet, so it no longer counts. 2 people fit whom you have just met.",
    );
    expect(say(waiting({ gaveWay: ["level"] })).detail).toContain("so it no longer counts. 3 people are waiting.");
    expect(say(waiting()).detail).not.toMatch(/fit/i);
  });

  it("say first that the partner moved on", () => {
    expect(say(waiting(), ended("partner_skipped", true)).detail).toMatch(/^Your partner moved on\. 3 people/);
  });

  it("do not say that the user left after Next", () => {
    expect(say(waiting(), ended("left", true)).detail).not.toContain("left");
  });

  it("count down to the next try when the server is unreachable", () => {
    expect(say(waiting(), {}, away)).toMatchObject({ title: "Can't reach the server", untilMs: 5_000 });
  });
});

group("the words in a match", () => {
  it("name shared interests", () => {
    expect(say(matched({ sharedInterests: ["jazz", "tea"] })).detail).toBe("You both like jazz and tea.");
  });

  it("says what the partner sends, and what else both are", () => {
    expect(say(matched({ partnerMode: "text" })).detail).toBe("Your partner only writes.");
    const alike = matched({ partnerMode: "audio", sharedAttributes: { level: ["very_high"], country: ["de"] } });
    expect(say(alike).detail.replaceAll(/[\u2068\u2069]/g, "")).toBe(
      "Your partner sends sound only. You have in common: level: very high and country: Germany.",
    );
  });

  it("say that the call is connecting", () => {
    expect(say(matched({ call: "connecting" })).title).toBe("Found someone, connecting…");
  });

  it("count down while the partner is away", () => {
    const words = say(matched({ partner: { status: "away", deadlineMs: 42_000 } }));
    expect(words).toMatchObject({ title: "Your partner is reconnecting", untilMs: 42_000 });
  });

  it("say that the call is reconnecting", () => {
    expect(say(matched({ call: "reconnecting" })).title).toBe("Reconnecting the call…");
  });

  it("say that the call continues while the server is unreachable", () => {
    expect(say(matched(), {}, away).detail).toContain("Your call continues");
  });

  it("do not promise that a broken call continues", () => {
    expect(say(matched({ call: "reconnecting" }), {}, away).detail).not.toContain("continues");
  });

  it("say that the server restarted", () => {
    expect(say(matched({ signaled: false })).detail).toContain("server restarted");
  });
});

group("small words", () => {
  it("show time as a clock that stops at zero", () => {
    expect([clock(42_000), clock(61_001), clock(-5)]).toEqual(["0:42", "1:02", "0:00"]);
  });

  it("list one interest without a comma, and nothing for none", () => {
    expect([shareInterests(["tea"]), shareInterests([])]).toEqual(["You both like tea.", ""]);
  });

  it("put unread lines first in the title", () => {
    expect(titleOf("connected", 2)).toBe("(2) In a call · Satoshigle");
    expect(titleOf("idle", 0)).toBe("Satoshigle");
  });

  it("take the phase of a match from its call", () => {
    expect(phaseOf(matched({ call: "reconnecting" }))).toBe("reconnecting");
    expect(phaseOf(waiting())).toBe("waiting");
  });

  it("explain a lost call", () => {
    expect(explainEnd("call_lost")).toBe("The call was lost.");
  });
});
