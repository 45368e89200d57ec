import { describe, expect, it } from "vitest";
import type { Tip, TipState } from "../../src/client/index.js";
import { describeTotals, findTask, isLate, isLeftOver, parseSats } from "../../src/demo/tips.js";
import { recallWallet, rememberWallet } from "../../src/demo/wallets.js";
import { describeFacts, describeTip } from "../../src/demo/tip-words.js";
import { sats } from "../../src/demo/words.js";

const terms = { network: "regtest", minMsat: 1_000, maxMsat: 5_000_000, maxCommentCharacters: 140 } as const;
const connection = `nostr+walletconnect://${"ab".repeat(32)}?relay=wss://relay.test&secret=${"cd".repeat(32)}`;

function tip(state: TipState, change: Partial<Tip> = {}): Tip {
  return {
    id: "t1",
    matchId: "m1",
    role: "payer",
    amountMsat: 100_000,
    comment: "hi",
    state,
    invoice: "lnbcrt…",
    createdAtMs: 1_000,
    expiresAtMs: undefined,
    invoiceExpiresAtMs: undefined,
    problem: undefined,
    ...change,
  };
}

describe("the words about a tip", () => {
  it("format amounts", () => {
    expect([1_000, 21_000, 1_000_000, 1_500].map(sats)).toEqual(["1 sat", "21 sats", "1,000 sats", "1.5 sats"]);
  });

  it("never say that it failed while it may be paid", () => {
    const open: TipState[] = ["offered", "invoiced", "paying", "unconfirmed", "expired"];
    for (const state of open) expect(describeTip(tip(state))).not.toMatch(/fail|nothing was paid|not paid/i);
  });

  it("say that nothing was paid when that is sure", () => {
    expect(describeTip(tip("declined"))).toContain("Nothing was paid");
    expect(describeTip(tip("expired", { invoice: undefined }))).toContain("Nothing was paid");
    expect(describeTip(tip("cancelled", { problem: "Not enough money." }))).toContain("Not enough money.");
  });

  it("quote the wallet only where it said something", () => {
    const failed = { problem: "No route.", problemCode: "payment_failed" } as const;
    expect(describeTip(tip("cancelled", { ...failed, saidByWallet: true }))).toContain("Your wallet says: “No route.”");
    expect(describeTip(tip("cancelled", failed))).not.toContain("No route.");
  });

  it("say what is known of a payment whose outcome is not", () => {
    const silent = { problem: "…", problemCode: "wallet_silent" } as const;
    expect(describeTip(tip("paying", silent))).toContain("has not answered yet");
    const unknown = { problem: "…", problemCode: "outcome_unknown" } as const;
    expect(describeTip(tip("expired", unknown))).toContain("did not say whether the tip was paid");
  });

  it("show the payee the comment", () => {
    expect(describeTip(tip("offered", { role: "payee" }))).toBe("Your partner wants to tip you 100 sats: “hi”");
    expect(describeTip(tip("settled", { role: "payee", comment: "" }))).toBe("You received 100 sats");
  });

  it("tell the proof from the payee's word", () => {
    const said = tip("received", { receivedAtMs: 5 });
    expect(describeTip(said)).toBe("Your partner says that 100 sats arrived.");
    expect(describeFacts(said)).toBe("Received, says your partner");
    expect(describeFacts(tip("settled"))).toBe("Proved");
    expect(describeFacts(tip("settled", { receivedAtMs: 5 }))).toBe("Received, says your partner · Proved");
    expect(describeFacts({ ...said, role: "payee" })).toBe("Received");
    expect(describeFacts(tip("settled", { role: "payee", receivedAtMs: 5 }))).toBe("Received · Proved");
    for (const state of ["offered", "invoiced", "paying", "unconfirmed", "cancelled", "expired"] as const) {
      expect(describeFacts(tip(state))).toBe("");
    }
  });

  it("add up what was given and received", () => {
    const nothing = { givenMsat: 0, receivedMsat: 0, unprovedGivenMsat: 0, unprovedReceivedMsat: 0 };
    expect(describeTotals(nothing)).toBe("");
    expect(describeTotals({ ...nothing, givenMsat: 21_000, receivedMsat: 1_000 })).toBe("↑ 21 sats ↓ 1 sat");
    const all = { givenMsat: 1_000, unprovedGivenMsat: 2_000, receivedMsat: 0, unprovedReceivedMsat: 3_000 };
    expect(describeTotals(all)).toBe("↑ 1 sat ↑ 2 sats (not proved) ↓ 3 sats (not proved)");
  });
});

describe("what a tip wants of the person", () => {
  const byHand = { pays: false, answers: false };
  const byWallet = { pays: true, answers: true };
  const offer = tip("offered", { role: "payee" });

  it("is an answer, unless the wallet gives it", () => {
    expect(findTask([offer], byHand)).toBe(offer);
    expect(findTask([offer], byWallet)).toBeUndefined();
    expect(findTask([{ ...offer, problem: "locked" }], byWallet)).toBeDefined();
  });

  it("is a payment, unless the wallet makes it", () => {
    expect(findTask([tip("invoiced")], byHand)).toBeDefined();
    expect(findTask([tip("invoiced")], byWallet)).toBeUndefined();
    expect(findTask([tip("settled"), tip("received"), tip("offered"), tip("unconfirmed")], byHand)).toBeUndefined();
  });

  it("is a look at a payment of whose outcome the wallet is not sure, until it is put away", () => {
    const unclear = tip("paying", { problem: "No route.", problemCode: "payment_unclear" });
    expect(findTask([tip("paying")], byWallet)).toBeUndefined();
    expect(findTask([unclear], byWallet)).toBe(unclear);
    expect(findTask([{ ...unclear, putAway: true }], byWallet)).toBeUndefined();
  });

  it("is a look into the payee's wallet, if no wallet has told of the money soon", () => {
    const awaited = tip("invoiced", { role: "payee" });
    expect([isLate(awaited, 2_000), isLate(awaited, 20_000)]).toEqual([false, true]);
    expect(isLate(tip("invoiced"), 20_000) || isLate({ ...awaited, state: "received" }, 20_000)).toBe(false);
  });

  it("is a look at what an earlier page left over", () => {
    expect(isLeftOver(tip("invoiced"), 2_000)).toBe(true);
    expect(isLeftOver(tip("invoiced"), 500)).toBe(false);
    expect(isLeftOver(tip("paying"), 2_000)).toBe(false);
  });
});

describe("a typed amount", () => {
  it("is taken as sats", () => {
    expect(parseSats(" 1,000 ", terms)).toEqual({ amountMsat: 1_000_000 });
  });

  it.each(["", "0", "-5", "1.5", "abc", "5001", "1e3"])("is refused as %j", (typed) => {
    expect(parseSats(typed, terms)).toHaveProperty("problem");
  });
});

describe("the wallet", () => {
  function shelf() {
    const items = new Map<string, string>();
    return {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    };
  }

  it("is the browser's own unless something else was chosen", () => {
    const kept = shelf();
    expect(recallWallet(kept, true)).toEqual({ kind: "browser" });
    expect(recallWallet(null, false)).toEqual({ kind: "none" });
    rememberWallet(kept, { kind: "none" }, true);
    expect(recallWallet(kept, true)).toEqual({ kind: "none" });
  });

  it("keeps an address, which must not be taken for a connection", () => {
    const kept = shelf();
    rememberWallet(kept, { kind: "address", address: "bob@wallet.test" }, true);
    expect(recallWallet(kept, true)).toEqual({ kind: "address", address: "bob@wallet.test" });
    rememberWallet(kept, { kind: "address", address: "bob@wallet.test" }, false);
    expect(recallWallet(kept, true)).toEqual({ kind: "browser" });
  });

  it("keeps a connection string only when asked to", () => {
    const kept = shelf();
    rememberWallet(kept, { kind: "nwc", connection }, true);
    expect(recallWallet(kept, true)).toEqual({ kind: "nwc", connection });
    rememberWallet(kept, { kind: "nwc", connection }, false);
    expect(recallWallet(kept, false)).toEqual({ kind: "none" });
  });
});
