import { afterEach, describe, expect, it, vi } from "vitest";
import { worth } from "../../src/demo/rate.js";
import { sats } from "../../src/demo/words.js";

afterEach(() => vi.unstubAllGlobals());

describe("what an amount is worth", () => {
  const euros = { currency: "EUR", perBitcoin: 90_000 };

  it("is said only if the app gives a rate", () => {
    expect(sats(21_000_000)).toBe("21,000 sats");
    vi.stubGlobal("satoshigleRate", euros);
    expect(sats(21_000_000)).toBe("21,000 sats (≈ €18.90)");
    expect(sats(1_000)).toBe("1 sat (≈ €0.0009)");
  });

  it("has the digits of its currency", () => {
    expect(worth(100_000_000, { currency: "JPY", perBitcoin: 15_000_000 })).toBe("¥15,000");
    expect(worth(21_000, euros)).toBe("€0.019");
  });

  it.each([
    { currency: "EUR", perBitcoin: 0 },
    { currency: "EUR", perBitcoin: Number.NaN },
    { currency: "EUR", perBitcoin: Infinity },
    { currency: "euros", perBitcoin: 90_000 },
    { currency: "EUR", perBitcoin: "90000" as never },
  ])("is left out with the rate %j", (rate) => {
    expect(worth(100_000_000, rate)).toBeUndefined();
  });
});
