import { expect, it } from "vitest";
import { DomainError } from "../../src/core/errors.js";
import { checkOffer, checkSignals, type Signal } from "../../src/core/signal.js";
import { sdp } from "../support/sdp.js";

const description = (text: string, type: "offer" | "answer" | "rollback" = "offer"): Signal => ({
  kind: "description",
  type,
  sdp: text,
  connectionId: "",
});

/** The refused field; undefined if none was. */
function refused(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.context.field : String(error);
  }
}

it("accepts what browsers send", () => {
  expect(refused(() => checkSignals([description(sdp()), { kind: "candidates_done" }]))).toBeUndefined();
  expect(refused(() => checkSignals([description("", "rollback")]))).toBeUndefined();
  expect(refused(() => checkSignals([description(sdp().replace("s=-", `s=${"x".repeat(1_022)}`))]))).toBeUndefined();
});

it.each([
  ["nothing", ""],
  ["prose", "hello there"],
  ["markup", "<html></html>"],
  ["half an SDP", "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\n"],
  ["an SDP without media", "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"],
  ["an SDP with an invalid line", sdp("this is no line of SDP")],
  ["an SDP without a name", sdp().replace("s=-\r\n", "")],
  ["an SDP with a required line of more than 1,024 characters", sdp().replace("s=-", `s=${"x".repeat(1_023)}`)],
  ["an SDP whose first line of a type is empty", sdp().replace("o=-", "o=-\r\no=-")],
  ["an SDP of another version", sdp().replace("v=0", "v=1")],
])("refuses %s as a description", (_name, text) => {
  expect(refused(() => checkSignals([{ kind: "candidates_done" }, description(text)]))).toBe(
    "signals[1].description.sdp",
  );
});

it("refuses a rollback that carries SDP", () => {
  expect(refused(() => checkSignals([description(sdp(), "rollback")]))).toBe("signals[0].description.sdp");
});

it("refuses an answer as an offer", () => {
  expect(refused(() => checkOffer({ type: "answer", sdp: sdp(), connectionId: "" }))).toBe("offer.type");
});
