import { beforeEach, expect, it } from "vitest";
import { OfferStatus } from "../../src/client/matching/offer-status.js";

let delivery: OfferStatus;
beforeEach(() => {
  delivery = new OfferStatus();
});

it("trusts in an offer when a match follows at once", () => {
  delivery.sent("", false);
  expect(delivery.matched()).toBe(true);
});

it("knows that an offer is dropped when a wait follows", () => {
  delivery.sent("", false);
  delivery.waited();
  expect(delivery.matched()).toBe(false);
});

it("counts an offer for one match", () => {
  delivery.sent("", false);
  delivery.matched();
  expect(delivery.matched()).toBe(false);
});

it("trusts in an offer when only the match that it left ends before", () => {
  delivery.sent("m1", false);
  delivery.ended("m1", true);
  expect(delivery.matched()).toBe(true);
});

it("doubts when the match ended for another reason", () => {
  delivery.sent("m1", false);
  delivery.ended("m1", false);
  expect(delivery.matched()).toBe(false);
});

it("doubts when another match ended", () => {
  delivery.sent("m1", false);
  delivery.ended("m2", true);
  expect(delivery.matched()).toBe(false);
});

it("doubts when it waited already: somebody else's call may have made the match", () => {
  delivery.sent("", true);
  expect(delivery.matched()).toBe(false);
});

it("doubts when events were skipped", () => {
  delivery.sent("", false);
  delivery.doubt();
  expect(delivery.matched()).toBe(false);
});
