import { describe, expect, it } from "vitest";
import { SatoshigleError } from "../../src/client/errors.js";
import { classifyMediaError, explainBan, explainError, explainMedia } from "../../src/demo/problems.js";

const thrown = (name: string, message = "") => Object.assign(new Error(message), { name });

describe("what the client reports", () => {
  it("becomes a clock when the server says when to retry", () => {
    expect(explainError(new SatoshigleError("limit_reached", "", { retryAfterMs: 12_000 }), 1_000).untilMs).toBe(
      13_000,
    );
  });

  it("tells a full server, and a full network, from somebody who calls too often", () => {
    const titles = (["limit_reached", "overloaded", "network_full"] as const).map(
      (code) => explainError(new SatoshigleError(code, ""), 0).title,
    );
    expect(titles).toEqual([
      "Slow down a little",
      "Too many people are here right now",
      "Too many people on your network",
    ]);
  });

  it("offers to use a replaced session here", () => {
    expect(explainError(new SatoshigleError("replaced", ""), 0).remedies).toEqual(["use_here"]);
  });

  it("says that tips are denied to a person, not to the page", () => {
    const refused = new SatoshigleError("origin_denied", "", { problem: "no_tips" });
    expect(explainError(refused, 0).text).toContain("leave the price empty");
  });

  it("names the field that was refused", () => {
    const refused = new SatoshigleError("invalid", "", { field: "preferences.interests[0]" });
    expect(explainError(refused, 0).text).toContain("interests");
  });

  it("says how to continue when the server cannot relay", () => {
    const refused = new SatoshigleError("invalid", "", { field: "preferences.relay_only" });
    expect(explainError(refused, 0).text).toContain("Turn off");
  });

  it("has words of its own for every field that people fill in, and never those of the server", () => {
    const said = ["preferences.interests[0]", "preferences.relay_only", "invoice", "preimage", "comment", "x"].map(
      (field) => explainError(new SatoshigleError("invalid", "the server's words", { field }), 0).text,
    );
    expect(new Set(said).size).toBe(6);
    expect(said).not.toContain("the server's words");
  });

  it("says who may enter, and offers to go on here after another tab or device", () => {
    expect(explainError(new SatoshigleError("identity_required", ""), 0)).toMatchObject({
      title: "Sign in first",
      remedies: [],
    });
    const codes = [
      "identity_required",
      "identity_refused",
      "identity_unavailable",
      "superseded",
      "already_connected",
      "removed",
      "replaced",
    ] as const;
    const texts = codes.map((code) => explainError(new SatoshigleError(code, "the server's words"), 0).text);
    expect(new Set(texts).size).toBe(codes.length);
    expect(texts.join()).not.toContain("the server's words");
    expect(explainError(new SatoshigleError("superseded", ""), 0).remedies).toEqual(["use_here"]);
  });

  it("asks to leave elsewhere first, where the server keeps the oldest session", () => {
    expect(explainError(new SatoshigleError("already_connected", "the server's words"), 0)).toEqual({
      title: "You are already here",
      text: expect.stringMatching(/Close the chat there first/) as string,
      remedies: ["start"],
    });
  });

  it("does not invite a banned person to press Start", () => {
    expect(explainError(new SatoshigleError("banned", ""), 0).remedies).toEqual([]);
  });
});

it("states when a ban ends, without a countdown", () => {
  const expiresAtMs = new Date(2030, 4, 17, 8, 30).getTime();
  const problem = explainError(new SatoshigleError("banned", "", { retryAfterMs: 86_400_000, expiresAtMs }), 0);
  expect(problem.text).toContain("2030");
  expect(problem.text).toContain("17");
  expect(problem.untilMs).toBeUndefined();
});

it("says what is banned, and until when", () => {
  const ban = { banId: "", reason: undefined, appeal: "none", answer: undefined } as const;
  const untilMs = new Date(2030, 4, 17, 8, 30).getTime();
  const scopes = ["person", "browser", "network"] as const;
  const texts = scopes.map((scope) => explainBan({ ...ban, scope, untilMs }).text);
  expect(texts).toEqual([
    expect.stringMatching(/^You are banned\. The ban ends on May 17, 2030/),
    expect.stringMatching(/^This browser is banned\. The ban ends on/),
    expect.stringMatching(/^Your network is banned\. The ban ends on/),
  ]);
  expect(explainBan({ ...ban, scope: "person", untilMs: undefined }).text).toBe("You are banned.");
});

describe("a camera that does not start", () => {
  it("is blocked when the person refused", () => {
    expect(classifyMediaError(thrown("NotAllowedError", "Permission denied"), 1, 1)).toBe("denied");
  });

  it("is blocked by the device when the system refused", () => {
    expect(classifyMediaError(thrown("NotAllowedError", "Permission denied by system"), 1, 1)).toBe("denied_by_system");
  });

  it("leaves sound when only the camera is missing", () => {
    const failure = classifyMediaError(thrown("NotFoundError"), 0, 1);
    expect(failure).toBe("no_camera");
    expect(explainMedia(failure).remedies).toContain("microphone_only");
  });

  it("is missing together with the microphone", () => {
    expect(classifyMediaError(thrown("NotFoundError"), 0, 0)).toBe("missing");
  });

  it("is in use when the browser cannot read it", () => {
    expect(classifyMediaError(thrown("NotReadableError"), 1, 1)).toBe("in_use");
  });

  it("needs https where the browser hides it", () => {
    expect(explainMedia("insecure").text).toContain("HTTPS");
  });

  it("never keeps a person from chatting by text before a call", () => {
    for (const failure of [
      "insecure",
      "denied",
      "denied_by_system",
      "missing",
      "no_camera",
      "in_use",
      "other",
    ] as const) {
      expect(explainMedia(failure).remedies).toContain("text_only");
    }
  });
});
