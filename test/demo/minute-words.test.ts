import { describe, expect, it } from "vitest";
import { describeGiven, describeOver, describeReceived } from "../../src/demo/minute-words.js";

const given = { end: undefined, minutes: 2, spentMsat: 42_000, budgetMsat: 500_000, nextAtMs: 0 };
const received = { end: undefined, minutes: 2, receivedMsat: 42_000, overdue: false };

describe("the words for the price of a minute", () => {
  it("say what is asked, paid, and why it ended", () => {
    expect(describeGiven(0, null)).toBe("");
    expect(describeGiven(21_000, null)).toBe("Your partner asks for 21 sats per minute.");
    expect(describeGiven(21_000, given)).toBe("You pay 21 sats per minute. Paid in this call: 42 sats of 500 sats.");
    expect(describeGiven(21_000, { ...given, end: "no_picture" })).toBe(
      "Their picture no longer arrives, so you pay no more. Paid in this call: 42 sats of 500 sats.",
    );
    expect(describeGiven(21_000, { ...given, end: "failed" })).toContain("It is not tried again.");
  });

  it("say what the partner says, apart from what arrived", () => {
    expect(describeReceived({ ownMsat: 0, received: null })).toBe("");
    expect(describeReceived({ ownMsat: 21_000, received: null })).toContain("has not agreed");
    expect(describeReceived({ ownMsat: 21_000, received })).toBe(
      "Your partner says they pay 21 sats per minute. Received: 42 sats.",
    );
    expect(describeReceived({ ownMsat: 21_000, received: { ...received, overdue: true } })).toContain("not arrived");
    expect(describeReceived({ ownMsat: 21_000, received: { ...received, end: "budget" } })).toBe(
      "Your partner pays no more, because their budget is used up. Received: 42 sats.",
    );
    expect(describeReceived({ ownMsat: 21_000, received: { ...received, end: "stopped" } })).toContain("pays no more.");
  });

  it("say what was paid in a call that is over", () => {
    const end = "call_over" as const;
    expect(describeOver({ given: { ...given, end }, received: null })).toBe(
      "The call has ended. Paid in this call: 42 sats of 500 sats.",
    );
    expect(describeOver({ given: { ...given, end: "budget" }, received: null })).toContain("The call has ended.");
    expect(describeOver({ given: { ...given, end: "failed" }, received: null })).toContain("It is not tried again.");
    expect(describeOver({ given: null, received: { ...received, end } })).toBe(
      "The call has ended. Received: 42 sats.",
    );
    expect(describeOver({ given: { ...given, end }, received: { ...received, end } })).toBe(
      "The call has ended. Paid in this call: 42 sats of 500 sats. Received: 42 sats.",
    );
  });
});
