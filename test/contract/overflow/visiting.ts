import { expect, it } from "vitest";
import { endings } from "../../../src/core/match.js";
import { answer, candidate, HANDSHAKE_MS, offer, WINDOW_MS } from "../lobby-harness.js";
import type { TwoRealms } from "../two-realms.js";
import { host, Travel, visitor } from "./travel.js";

export function visitingContract(current: () => TwoRealms): void {
  const travel = () => new Travel(current());
  const mailOf = async (realm: "home" | "abroad", guest: string, stay: { generation: number; epoch: string }) => {
    const { generation, epoch } = stay;
    const position = { sessionId: guest, generation, epoch, afterSequence: 0 } as never;
    return current()[realm].stores.mailbox.read(position);
  };

  it("leaves nothing behind without somebody who fits", async () => {
    const { abroad } = current();
    await abroad.enter("bob");
    await abroad.match("bob", { languages: ["de"] });
    await travel().wait("ann", { languages: ["en"] });
    expect(await travel().visit(await travel().reserveOne())).toEqual({ state: "nobody" });
    expect(await abroad.stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
  });

  it("gives the same answers when repeated, and names the same match in both realms", async () => {
    const { home, abroad } = current();
    const { reservation, hosted, stay, matchId } = await travel().meet("ann", "bob");
    expect(await travel().visit(reservation)).toEqual(hosted);
    expect(await travel().receive(reservation, hosted)).toEqual(stay);
    expect([await home.matchIdOf("ann"), await abroad.matchIdOf("bob")]).toEqual([matchId, matchId]);
    expect(await home.stores.lobby.count()).toEqual({ sessions: 2, waiting: 0, matches: 1 });
    expect(await abroad.stores.lobby.count()).toEqual({ sessions: 2, waiting: 0, matches: 1 });
  });

  it("tells the guest how the match ended, and never lets it wait", async () => {
    const { home } = current();
    const { stay, matchId } = await travel().meet("ann", "bob");
    await home.pass(HANDSHAKE_MS);
    const mail = await mailOf("home", host("bob"), stay);
    if (mail.state !== "events") throw new Error(mail.state);
    const ending = { cause: "unresponsive", initiator: "offerer" };
    expect(mail.events.at(-1)?.event).toMatchObject({ type: "match_ended", matchId, requeued: false, ending });
    expect(await home.stores.lobby.count()).toMatchObject({ waiting: 0 });
  });

  it("numbers the signals that the guest receives", async () => {
    const { home } = current();
    const { stay, matchId } = await travel().meet("ann", "bob");
    await home.relay("ann", matchId, 1, { kind: "description", ...offer }, candidate("one"));
    await home.relay("ann", matchId, 2, candidate("two"));
    const mail = await mailOf("home", host("bob"), stay);
    if (mail.state !== "events") throw new Error(mail.state);
    expect(mail.events.flatMap(({ event }) => (event.type === "signaled" ? event.post : []))).toEqual([
      { clientSequence: 1, hasOffer: true, hasAnswer: false },
      { clientSequence: 2, hasOffer: false, hasAnswer: false },
    ]);
  });

  it("is closed by a departure from its match only", async () => {
    const { abroad } = current();
    const { reservation } = await travel().meet("ann", "bob");
    await travel().depart({ ...reservation, matchId: "another" as never });
    expect(await abroad.stores.lobby.count()).toMatchObject({ sessions: 2, matches: 1 });
    await travel().depart(reservation);
    await travel().depart(reservation);
    expect(await abroad.stores.lobby.count()).toEqual({ sessions: 1, waiting: 1, matches: 0 });
    expect(await travel().visit(reservation)).toMatchObject({ state: "nobody" });
  });

  it("avoids those whom the person has met or reported there before", async () => {
    const { home, abroad } = current();
    const { reservation } = await travel().meet("ann", "bob");
    await travel().depart(reservation, "reported");
    await home.leave("ann");
    await abroad.match("bob");
    await abroad.pass(endings.left.avoidMs);
    await travel().wait("cyd", { languages: ["en"] });
    await home.match("ann", { languages: ["de"] });
    await current().pass(10_000);
    const reservations = await travel().reserve(8);
    const again = reservations.find(({ traveller }) => traveller.sessionId === "ann");
    if (again === undefined) throw new Error("ann was not reserved");
    expect(await travel().visit(again)).toEqual({ state: "nobody" });
  });

  it("can be taken over with what its mailbox holds, which ends its absence", async () => {
    const { home, abroad } = current();
    const { stay, matchId } = await travel().meet("ann", "bob");
    await home.relay("ann", matchId, 1, candidate("one"));
    const { nowMs } = home;
    const who = { sessionId: host("bob"), generation: stay.generation };
    await home.stores.lobby.detach({ ...who, awayUntilMs: nowMs + WINDOW_MS, nowMs });
    const taken = await home.stores.guests.takeOver({ guestId: host("bob"), matchId, nowMs });
    if (taken.state === "unknown") throw new Error("it is unknown");
    expect(taken).toMatchObject({ role: "answerer", afterSequence: 0 });
    expect((await home.events("ann")).slice(-2).map(({ type }) => type)).toEqual(["partner_away", "partner_back"]);
    expect(await mailOf("home", host("bob"), stay)).toEqual({ state: "replaced" });
    expect(await mailOf("home", host("bob"), taken)).toMatchObject({ state: "events", events: { length: 2 } });
    const another = { guestId: visitor("ann"), matchId: "another" as never, nowMs: abroad.nowMs };
    expect(await abroad.stores.guests.takeOver(another)).toEqual({ state: "unknown" });
  });

  it("is not taken over once its match is over: its mailbox remains with the instance that has it", async () => {
    const { home } = current();
    const { stay, matchId } = await travel().meet("ann", "bob");
    await home.leave("ann");
    const { nowMs } = home;
    expect(await home.stores.guests.takeOver({ guestId: host("bob"), matchId, nowMs })).toEqual({ state: "unknown" });
    expect(await mailOf("home", host("bob"), stay)).toMatchObject({ state: "events" });
    const who = { sessionId: host("bob"), generation: stay.generation };
    await home.stores.lobby.detach({ ...who, awayUntilMs: nowMs + WINDOW_MS, nowMs });
    expect(await home.stores.guests.takeOver({ guestId: host("bob"), matchId, nowMs })).toEqual({ state: "unknown" });
    await home.pass(WINDOW_MS);
    expect(await mailOf("home", host("bob"), stay)).toMatchObject({ state: "closed" });
  });

  it("is handed over to one instance at a time, if it was received", async () => {
    const { home, abroad } = current();
    const { matchId } = await travel().meet("ann", "bob");
    const { guests } = home.stores;
    const strays = () => guests.strays({ limit: 8, untilMs: home.nowMs + 5_000, nowMs: home.nowMs });
    expect(await strays()).toEqual([]);
    await guests.handOver({ guestIds: [host("bob")] });
    const stray = { guestId: host("bob"), matchId, other: { realm: "us", guestId: visitor("ann") } };
    expect([await strays(), await strays()]).toEqual([[stray], []]);
    home.nowMs += 5_000;
    expect(await strays()).toEqual([stray]);
    await guests.takeOver({ guestId: host("bob"), matchId, nowMs: home.nowMs });
    home.nowMs += 5_000;
    expect(await strays()).toEqual([]);
    await abroad.stores.guests.handOver({ guestIds: [visitor("ann")] });
    expect(await abroad.stores.guests.strays({ limit: 8, untilMs: 0, nowMs: abroad.nowMs })).toEqual([]);
  });

  it("is told of the presence and the signals of the person it is with, like anybody", async () => {
    const { abroad } = current();
    const { hosted, matchId } = await travel().meet("ann", "bob");
    await abroad.detach("bob");
    await abroad.attach("bob");
    await abroad.relay("bob", matchId, 1, answer);
    const mail = await mailOf("abroad", visitor("ann"), hosted.stay);
    if (mail.state !== "events") throw new Error(mail.state);
    const types = mail.events.map(({ event }) => event.type);
    expect(types).toEqual(["matched", "partner_away", "partner_back", "signaled"]);
  });
}
