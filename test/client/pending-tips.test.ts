import { expect, it } from "vitest";
import { type PendingTip, PendingTips } from "../../src/client/tips/pending-tips.js";
import { soon } from "../support/soon.js";
import { createStorage } from "./client-harness.js";

const tip: PendingTip = {
  ...{ id: "tip", matchId: "match", amountMsat: 21_000, comment: "", createdAtMs: 1, expiresAtMs: 2 },
  ...{ network: "regtest", token: "token", asked: false, invoice: undefined, invoiceExpiresAtMs: undefined },
};

const URL = "https://chat.example.com";
const KEY = `satoshigle.tips:${URL}`;

it("the wallet is never asked twice for a tip, whatever another tab writes or has finished", async () => {
  const storage = createStorage();
  const tips = new PendingTips(URL, storage);
  tips.keep(tip);
  await soon(() => expect(storage.size).toBe(1));
  const before = storage.get(KEY) ?? "";
  storage.clear();
  expect(await tips.claim("tip")).toBe("taken");
  storage.set(KEY, before);
  expect(await tips.claim("tip")).toBe("claimed");
  storage.set(KEY, before);
  expect(await tips.claim("tip")).toBe("taken");
});

it.each<Record<string, unknown>>([{ amountMsat: 0.5 }, { amountMsat: "21" }, { asked: "no" }, { invoice: 7 }])(
  "ignores a stored tip with %o",
  (wrong) => {
    const load = (one: object) => {
      const storage = createStorage();
      storage.set(KEY, JSON.stringify([one]));
      return new PendingTips(URL, storage).all;
    };
    expect(load(tip)).toHaveLength(1);
    expect(load({ ...tip, ...wrong })).toEqual([]);
  },
);

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
