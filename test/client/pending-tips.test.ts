import { expect, it } from "vitest";
import { type PendingTip, PendingTips } from "../../src/client/tips/pending-tips.js";
import { soon } from "../support/soon.js";

const tip: PendingTip = {
  ...{ id: "tip", matchId: "match", amountMsat: 21_000, comment: "", createdAtMs: 1, expiresAtMs: 2 },
  ...{ network: "regtest", token: "token", asked: false, invoice: undefined, invoiceExpiresAtMs: undefined },
};

it("refuses a claim while it cannot be stored for other tabs", async () => {
  const kept = new Map<string, string>();
  let isFull = false;
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (isFull) throw new Error("there is no room");
      kept.set(key, value);
    },
    removeItem: (key: string) => void kept.delete(key),
  };
  const tips = new PendingTips("https://chat.example.com", storage);
  tips.keep(tip);
  await soon(() => expect(kept.size).toBe(1));
  isFull = true;
  expect(await tips.claim("tip")).toBe("not_stored");
  isFull = false;
  expect(await tips.claim("tip")).toBe("claimed");
  expect(await tips.claim("tip")).toBe("taken");
});
