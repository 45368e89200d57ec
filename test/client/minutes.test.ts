import { describe, expect, it, vi } from "vitest";
import { useFakeClock } from "./client-harness.js";
import { agree, inCall, MINUTE_MS, Page, PRICE } from "./minute-pages.js";
import { pass, settle } from "./scripted-server.js";

useFakeClock();

describe("the price of a minute", () => {
  it("is known to both sides, and gone with the match", () => {
    const [payer, payee] = inCall();
    expect(payer.view).toEqual({ matchId: "m1", partnerMsat: PRICE, ownMsat: 0, given: null, received: null });
    expect(payee.view).toEqual({ matchId: "m1", partnerMsat: 0, ownMsat: PRICE, given: null, received: null });
    payer.leave();
    expect(payer.view).toBeNull();
  });

  it("is nothing in a match in which neither side asks for anything", () => {
    const page = new Page();
    page.enter("m1", { partnerMsat: 0, ownMsat: 0 });
    page.store.matchFields = [];
    page.enter("m2", { partnerMsat: 0, ownMsat: 0 });
    expect(page.view?.partnerMsat ?? 0).toBe(0);
  });

  it("is agreed to by both before anything is paid", async () => {
    const [payer, payee] = inCall();
    await pass(10 * MINUTE_MS);
    expect(payer.tips).toEqual([]);
    await agree(payer);
    expect(payee.view?.received).toEqual({ end: undefined, minutes: 0, receivedMsat: 0, overdue: false });
  });

  it.each([0, PRICE - 1, PRICE + 0.5, Number.NaN])("is not agreed to with a budget of %d", async (budgetMsat) => {
    const [payer] = inCall();
    await expect(payer.minutes.accept({ budgetMsat })).rejects.toMatchObject({ code: "invalid", field: "budgetMsat" });
  });

  it("is refused without one", async () => {
    const [, payee] = inCall();
    await expect(payee.minutes.accept({ budgetMsat: PRICE })).rejects.toMatchObject({ code: "match_over" });
  });
});

describe("a payment by the minute", () => {
  it("pays each whole minute of the match when it is over", async () => {
    const [payer, payee] = inCall({ startedMsAgo: 30_000 });
    await agree(payer);
    // The minute that runs is free, and the next one is over a minute and a half from now.
    await pass(89_999);
    expect(payer.tips).toHaveLength(0);
    await pass(1);
    expect(payer.tips).toHaveLength(1);
    await pass(9 * MINUTE_MS + 5_000);
    expect(payer.view?.given).toMatchObject({ end: undefined, minutes: 10, spentMsat: 10 * PRICE });
    expect(payee.view?.received).toMatchObject({ end: undefined, minutes: 10, receivedMsat: 10 * PRICE });
  });

  it.each([-180_000, 180_000])("does so with a clock that is off by %d ms", async (clockAheadMs) => {
    const [payer] = inCall({ startedMsAgo: 30_000, clockAheadMs });
    await agree(payer);
    await pass(89_999);
    expect(payer.tips).toHaveLength(0);
    await pass(10 * MINUTE_MS + 1);
    expect(payer.tips).toHaveLength(11);
  });

  it("does so when the clock is set meanwhile", async () => {
    const [payer] = inCall();
    await agree(payer);
    vi.setSystemTime(Date.now() - 180_000);
    await pass(5 * MINUTE_MS);
    vi.setSystemTime(Date.now() + 400_000);
    await pass(6 * MINUTE_MS - 1);
    expect(payer.tips).toHaveLength(9);
  });

  it("ends when the next minute would exceed the budget, which it may reach exactly", async () => {
    const [payer, payee] = inCall();
    await agree(payer, 3 * PRICE);
    await pass(10 * MINUTE_MS);
    expect(payer.view?.given).toMatchObject({ end: "budget", minutes: 3, spentMsat: 3 * PRICE, budgetMsat: 3 * PRICE });
    expect(payee.view?.received).toMatchObject({ end: "budget", minutes: 3 });
    expect(payer.paidMsat).toBe(3 * PRICE);
  });

  it.each(["cancelled", "declined", "throws"] as const)(
    "ends when the third tip is %s, and is not tried again",
    async (how) => {
      const [payer, payee] = inCall();
      payer.outcome = (number) => (number === 3 ? how : "settled");
      await agree(payer);
      await pass(10 * MINUTE_MS);
      expect(payer.view?.given).toMatchObject({ end: "failed", minutes: 2, spentMsat: 2 * PRICE });
      expect(payee.view?.received).toMatchObject({ end: "failed", minutes: 2, receivedMsat: 2 * PRICE });
    },
  );

  it("counts money that may have left as given", async () => {
    const [payer] = inCall();
    payer.outcome = (number) => (number === 3 ? "cancelled" : "settled");
    payer.doubtful = true;
    await agree(payer);
    await pass(10 * MINUTE_MS);
    expect(payer.view?.given).toMatchObject({ end: "failed", minutes: 2, spentMsat: 3 * PRICE });
  });

  it("counts a minute that was received by the payee's word, and once when it is settled", async () => {
    const [payer, payee] = inCall();
    payer.outcome = () => "received";
    await agree(payer);
    await pass(4 * MINUTE_MS + 5_000);
    expect(payer.view?.given).toMatchObject({ end: undefined, minutes: 3, spentMsat: 3 * PRICE });
    expect(payee.view?.received).toMatchObject({ end: undefined, minutes: 3, receivedMsat: 3 * PRICE });
    for (const index of [0, 1, 2]) payer.change(index, "settled");
    expect(payer.view?.given).toMatchObject({ end: undefined, minutes: 3, spentMsat: 3 * PRICE });
    expect(payee.view?.received).toMatchObject({ end: undefined, minutes: 3, receivedMsat: 3 * PRICE });
  });

  it.each(["received", "settled"] as const)("counts a minute that was called unpaid and is %s later", async (state) => {
    const [payer, payee] = inCall();
    payer.outcome = () => "cancelled";
    await agree(payer);
    await pass(3 * MINUTE_MS);
    expect(payer.view?.given).toMatchObject({ end: "failed", minutes: 0, spentMsat: 0 });
    payer.change(0, state);
    expect(payer.view?.given).toMatchObject({ end: "failed", minutes: 1, spentMsat: PRICE });
    expect(payee.view?.received).toMatchObject({ end: "failed", minutes: 1, receivedMsat: PRICE });
  });

  it("ends when a tip is open until the next minute is over, and still counts it", async () => {
    const [payer] = inCall();
    payer.outcome = () => "open";
    await agree(payer);
    await pass(3 * MINUTE_MS);
    expect(payer.view?.given).toMatchObject({ end: "failed", minutes: 0, spentMsat: PRICE });
    await pass(10 * MINUTE_MS);
    expect(payer.tips).toHaveLength(1);
    payer.change(0, "cancelled");
    expect(payer.view?.given).toMatchObject({ end: "failed", minutes: 0, spentMsat: 0 });
  });

  it.each([
    ["payer", (payer: Page) => payer.minutes.stop(), "stopped"],
    ["payee", (_: Page, payee: Page) => payee.minutes.waive(), "partner_stopped"],
  ])("ends at once when the %s stops it", async (_, stop, end) => {
    const [payer, payee] = inCall();
    await agree(payer);
    await pass(2 * MINUTE_MS + 30_000);
    stop(payer, payee);
    await pass(10 * MINUTE_MS);
    expect(payer.view?.given).toMatchObject({ end, minutes: 1, spentMsat: PRICE });
    expect(payee.view?.received).toMatchObject({ end, minutes: 1 });
  });

  it("is not begun again with a payee who asks for no more", async () => {
    const [payer, payee] = inCall();
    payee.minutes.waive();
    await settle();
    await expect(payer.minutes.accept({ budgetMsat: PRICE })).rejects.toMatchObject({ code: "match_over" });
  });

  it.each([
    ["payer leaves", (payer: Page, payee: Page) => [payer, payee].forEach((page) => page.leave())],
    ["payee leaves", (payer: Page, payee: Page) => [payee, payer].forEach((page) => page.leave())],
  ])("ends when the %s, without a payment for the minute that ran", async (_, leave) => {
    const [payer, payee] = inCall();
    await agree(payer);
    await pass(10 * MINUTE_MS + 59_000);
    leave(payer, payee);
    await pass(10 * MINUTE_MS);
    expect(payer.tips).toHaveLength(9);
    expect(payer.paidMsat).toBe(9 * PRICE);
    const sum = { end: "call_over", minutes: 9 };
    expect(payer.view).toMatchObject({ matchId: "m1", partnerMsat: 0, given: { ...sum, spentMsat: 9 * PRICE } });
    expect(payee.view).toMatchObject({ matchId: "m1", ownMsat: 0, received: { ...sum, receivedMsat: 9 * PRICE } });
  });

  it("counts a minute that is paid while the call ends", async () => {
    const [payer, payee] = inCall();
    await agree(payer);
    await pass(2 * MINUTE_MS + 1_000);
    payer.leave();
    payee.leave();
    expect(payer.view?.given).toMatchObject({ end: "call_over", minutes: 0, spentMsat: PRICE });
    await pass(1_000);
    expect(payer.view?.given).toMatchObject({ minutes: 1, spentMsat: PRICE });
    expect(payee.view?.received).toMatchObject({ minutes: 1, receivedMsat: PRICE });
  });

  it("is over with the next partner, who hears nothing of it", async () => {
    const [payer, payee] = inCall();
    await agree(payer);
    await pass(10 * MINUTE_MS + 59_000);
    payer.enter("m2", { partnerMsat: PRICE, ownMsat: 0 });
    payee.enter("m3", { partnerMsat: 0, ownMsat: PRICE });
    await pass(10 * MINUTE_MS);
    expect(payer.tips).toHaveLength(9);
    expect(payer.view).toEqual({ matchId: "m2", partnerMsat: PRICE, ownMsat: 0, given: null, received: null });
    expect(payee.view).toEqual({ matchId: "m3", partnerMsat: 0, ownMsat: PRICE, given: null, received: null });
  });

  it.each([
    ["no_picture", (payer: Page) => (payer.arrives = { video: false, audio: true })],
    ["no_sound", (payer: Page) => (payer.arrives = { video: true, audio: false })],
    ["interrupted", (payer: Page) => payer.store.updateMatch({ call: "reconnecting" })],
  ] as const)("ends with %s", async (end, lose) => {
    const [payer, payee] = inCall();
    await agree(payer);
    await pass(2 * MINUTE_MS + 5_000);
    lose(payer);
    await pass(25_000);
    expect(payer.view?.given).toMatchObject({ end, minutes: 1 });
    expect(payee.view?.received).toMatchObject({ end });
  });

  it("goes on without a picture that never came, and through a short gap", async () => {
    const [payer] = inCall();
    payer.arrives = { video: false, audio: true };
    await agree(payer);
    await pass(2 * MINUTE_MS);
    payer.arrives.audio = false;
    await pass(9_000);
    payer.arrives.audio = true;
    await pass(3 * MINUTE_MS);
    expect(payer.view?.given).toMatchObject({ end: undefined, minutes: 4 });
  });

  it("does not pay a minute that a sleeping device did not see whole", async () => {
    const [payer] = inCall();
    await agree(payer);
    await pass(90_000);
    vi.setSystemTime(Date.now());
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + 3 * MINUTE_MS);
    await pass(60_000);
    expect(payer.tips).toHaveLength(0);
    await pass(2 * MINUTE_MS);
    expect(payer.tips.length).toBeGreaterThan(0);
  });
});

describe("the payee", () => {
  it("is told when a payment that was due did not arrive", async () => {
    const [payer, payee] = inCall();
    await agree(payer);
    payer.partner = undefined;
    await pass(150_000);
    expect(payee.view?.received).toMatchObject({ end: undefined, minutes: 0, overdue: true });
  });

  it("learns of the agreement with the next minute if its page was loaded meanwhile", async () => {
    const [payer] = inCall();
    await agree(payer);
    const reloaded = new Page();
    payer.partner = reloaded;
    reloaded.enter("m1", { partnerMsat: 0, ownMsat: PRICE });
    expect(reloaded.view?.received).toBeNull();
    await pass(2 * MINUTE_MS + 5_000);
    expect(reloaded.view?.received).toMatchObject({ end: undefined, minutes: 1 });
  });

  it("ignores what is no message, and an agreement to another price", () => {
    const [, payee] = inCall();
    for (const text of ["", "[]", "{}", "null", '{"says":"paying"}', '{"says":"paying","msat":1}', "\u0000"]) {
      payee.store.events.emit("message:satoshigle/minutes", new TextEncoder().encode(text));
    }
    expect(payee.view?.received).toBeNull();
  });
});
