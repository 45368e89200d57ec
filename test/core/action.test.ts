import { describe, expect, it } from "vitest";
import {
  type Action,
  ACTION_KEPT_MS,
  applies,
  asTaken,
  endsSessions,
  isAcknowledgedBy,
  isUnseen,
  storedUntilMs,
  withImposed,
} from "../../src/core/action.js";
import { UNNAMED } from "../../src/core/case.js";
import { isNetwork } from "../../src/core/session-key.js";
import type { ActionId, AddressKey } from "../../src/core/ids.js";

const NOW_MS = 1_800_000_000_000;
const action = (kind: Action["kind"], more: Partial<Action> = {}): Action => ({
  ...{ id: kind as ActionId, kind, addressKey: "~a" as AddressKey, reason: "", statement: "", by: UNNAMED },
  ...{ createdMs: NOW_MS, expiresMs: NOW_MS + 1_000, ...more },
});
const lift = { liftedMs: NOW_MS + 10, by: UNNAMED };

describe("an action", () => {
  it("applies until it expires", () => {
    expect([NOW_MS, NOW_MS + 999, NOW_MS + 1_000].map((ms) => applies(action("warn"), ms))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("does not apply once it is lifted", () => {
    expect(applies(action("warn", { lift }), NOW_MS)).toBe(false);
  });

  it("is stored for 90 days after its end", () => {
    expect(storedUntilMs(action("warn"))).toBe(NOW_MS + 1_000 + ACTION_KEPT_MS);
    expect(storedUntilMs(action("warn", { lift }))).toBe(NOW_MS + 10 + ACTION_KEPT_MS);
  });

  it("ends sessions if it contradicts what they began", () => {
    const kinds = ["warn", "text_only", "no_reports", "no_tips", "quarantine"] as const;
    expect(kinds.filter((kind) => endsSessions(action(kind)))).toEqual(["text_only", "quarantine"]);
  });

  it("as it was taken says nothing of what happened since", () => {
    const taken = action("warn");
    expect(asTaken({ ...taken, lift, acknowledgedMs: NOW_MS })).toEqual(taken);
  });

  it("may be about a network, and not only about a person or a browser", () => {
    expect(["~a", "^a", "a"].map((key) => isNetwork(key as AddressKey))).toEqual([false, false, true]);
  });
});

describe("a warning", () => {
  const theirs = { keys: ["^b", "~a"] as AddressKey[], acknowledgedMs: NOW_MS + 5 };
  const seen = { acknowledgedMs: NOW_MS + 1 };

  it("is unseen until it is acknowledged, and other actions never are", () => {
    expect([action("warn"), action("warn", seen), action("no_tips")].map(isUnseen)).toEqual([true, false, false]);
  });

  it("is acknowledged once, by those whom it is about, while it applies", () => {
    expect(isAcknowledgedBy(action("warn"), theirs)).toBe(true);
    expect(isAcknowledgedBy(action("warn"), { ...theirs, keys: ["^b" as AddressKey] })).toBe(false);
    expect(isAcknowledgedBy(action("warn"), { ...theirs, acknowledgedMs: NOW_MS + 1_000 })).toBe(false);
    for (const other of [action("warn", seen), action("warn", { lift }), action("no_tips")]) {
      expect(isAcknowledgedBy(other, theirs)).toBe(false);
    }
  });
});

describe("what actions impose", () => {
  it("is nothing for a warning", () => {
    expect(withImposed(undefined, [action("warn")])).toBeUndefined();
  });

  it("joins what the app says, each restriction once", () => {
    const standing = { attributes: [["level", ["high"]]] as const, priority: 7, restrictions: ["no_tips"] as const };
    const imposed = withImposed(standing, [
      action("no_tips"),
      action("quarantine"),
      action("warn"),
      action("quarantine"),
    ]);
    expect(imposed).toEqual({ ...standing, restrictions: ["no_tips", "quarantine"] });
    expect(standing.restrictions).toEqual(["no_tips"]);
  });

  it("restricts people of whom the app says nothing", () => {
    const imposed = withImposed(undefined, [action("text_only")]);
    expect(imposed).toEqual({ attributes: [], priority: 0, restrictions: ["text_only"] });
  });
});
