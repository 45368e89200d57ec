import { beforeEach, expect, it } from "vitest";
import { OfferStatus } from "../../src/client/matching/offer-status.js";

let offerStatus: OfferStatus;
beforeEach(() => {
  offerStatus = new OfferStatus();
});

it("considers an offer delivered when a match follows at once", () => {
  offerStatus.sent("", false);
  expect(offerStatus.matched()).toBe(true);
});

it("considers an offer dropped when a wait follows", () => {
  offerStatus.sent("", false);
  offerStatus.waited();
  expect(offerStatus.matched()).toBe(false);
});

it("applies to one match only", () => {
  offerStatus.sent("", false);
  offerStatus.matched();
  expect(offerStatus.matched()).toBe(false);
});

it("considers an offer delivered when only the match that it left ends before", () => {
  offerStatus.sent("m1", false);
  offerStatus.ended("m1", true);
  expect(offerStatus.matched()).toBe(true);
});

it("doubts when the match ended for another reason", () => {
  offerStatus.sent("m1", false);
  offerStatus.ended("m1", false);
  expect(offerStatus.matched()).toBe(false);
});

it("doubts when another match ended", () => {
  offerStatus.sent("m1", false);
  offerStatus.ended("m2", true);
  expect(offerStatus.matched()).toBe(false);
});

it("doubts when it was waiting already: another call may have made the match", () => {
  offerStatus.sent("", true);
  expect(offerStatus.matched()).toBe(false);
});

it("doubts when events were skipped", () => {
  offerStatus.sent("", false);
  offerStatus.doubt();
  expect(offerStatus.matched()).toBe(false);
});
