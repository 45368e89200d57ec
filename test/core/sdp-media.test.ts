import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/core/errors.js";
import { type Mode, MODES } from "../../src/core/matching-schema.js";
import { allows, checkModes, modeNeeded } from "../../src/core/sdp-media.js";
import { checkDescription, type Signal } from "../../src/core/signal.js";

const HEAD = ["v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1 2"];
const DATA = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:2", "a=sctp-port:5000"];

/** A media section. Without lines of its own it sends and receives. */
function media(kind: string, port = "9", ...lines: string[]): string[] {
  return [`m=${kind} ${port} UDP/TLS/RTP/SAVPF 111`, "c=IN IP4 0.0.0.0", "a=mid:0", "a=rtcp-mux", ...lines];
}

const described = (sdp: string, type: "offer" | "answer" = "offer"): Signal => ({
  ...{ kind: "description", type, connectionId: "pc" },
  sdp,
});

/** The least mode for a description of these sections, which must be a valid one, with each kind of line end. */
function needed(...sections: string[][]): Mode {
  const lines = [...HEAD, ...sections.flat()];
  const texts = ["\r\n", "\n"].flatMap((end) => [lines.join(end), `${lines.join(end)}${end}`]);
  const found = new Set(
    texts.map((sdp) => {
      checkDescription({ type: "offer", connectionId: "", sdp }, "offer");
      return modeNeeded([described(sdp)]);
    }),
  );
  expect(found.size).toBe(1);
  const [mode = "video"] = found;
  return mode;
}

describe("a description needs", () => {
  it("no more than text for data channels", () => {
    expect(needed(DATA)).toBe("text");
    expect(needed(DATA, DATA)).toBe("text");
  });

  it.each([
    ["no direction", []],
    ["sendrecv", ["a=sendrecv"]],
    ["sendonly", ["a=sendonly"]],
    ["recvonly", ["a=recvonly"]],
  ])("audio for sound with %s", (_, lines) => {
    expect(needed(media("audio", "9", ...lines), DATA)).toBe("audio");
    expect(needed(DATA, media("audio", "9", ...lines))).toBe("audio");
  });

  it("audio to watch, and video to be seen", () => {
    expect(needed(media("audio"), media("video", "9", "a=recvonly"), DATA)).toBe("audio");
    for (const lines of [[], ["a=sendrecv"], ["a=sendonly"]]) {
      expect(needed(media("video", "9", ...lines))).toBe("video");
      expect(needed(media("audio"), media("video", "9", ...lines), DATA)).toBe("video");
      expect(needed(media("audio", "9", "a=inactive"), media("video", "9", ...lines))).toBe("video");
    }
  });

  it("text with rejected and inactive media", () => {
    expect(needed(media("audio", "0"), media("video", "0", "a=sendrecv"), DATA)).toBe("text");
    expect(needed(media("audio", "9", "a=inactive"), media("video", "9", "a=inactive"), DATA)).toBe("text");
    expect(needed(DATA, media("video", "9", "a=inactive", "a=rtpmap:96 VP8/90000"))).toBe("text");
  });

  it("no more for the directions of header extensions, as Firefox writes them", () => {
    const extensions = [
      "a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level",
      "a=extmap:14/sendrecv urn:x",
    ];
    expect(needed(media("audio", "9", ...extensions, "a=inactive"), DATA)).toBe("text");
    expect(needed(media("video", "9", "a=recvonly", ...extensions), DATA)).toBe("audio");
    expect(needed(media("video", "9", ...extensions), DATA)).toBe("video");
  });
});

describe("media cannot be hidden", () => {
  it.each<[what: string, section: string[], mode: Mode]>([
    ["as one that is bundled only, whose port is 0", media("audio", "0", "a=bundle-only"), "audio"],
    ["so for video", media("video", "0", "a=bundle-only"), "video"],
    ["by another spelling of its port", media("video", "00"), "video"],
    ["by a port with a number of ports", media("audio", "0/2"), "audio"],
    ["by capitals", media("AUDIO"), "video"],
    ["by other kinds of media", media("text"), "video"],
    ["by a kind that looks like a data channel", media("application2"), "video"],
    ["by capitals of a data channel", media("Application"), "video"],
    ["by a space before its kind", ["m= audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0"], "video"],
    ["by two directions", media("audio", "9", "a=inactive", "a=sendrecv"), "audio"],
    ["by two directions in the other order", media("video", "9", "a=sendonly", "a=inactive"), "video"],
    ["by a second direction in capitals", media("audio", "9", "a=inactive", "a=SendRecv"), "audio"],
    ["by a second direction with more after it", media("audio", "9", "a=inactive", "a=sendrecv x"), "audio"],
    ["by a second direction after a space", media("audio", "9", "a=inactive", "a= sendrecv"), "audio"],
    ["behind a header extension", media("audio", "9", "a=inactive", "a=extmap:2/inactive sendrecv"), "audio"],
    ["as a header extension", media("audio", "9", "a=extmap:2/inactive urn:x"), "audio"],
    ["by what looks like a header extension", media("audio", "9", "a=inactive", "x=extmap:2/sendrecv"), "audio"],
    ["by a direction in capitals", media("audio", "9", "a=INACTIVE"), "audio"],
    ["by a direction with more after it", media("audio", "9", "a=inactive:0"), "audio"],
    ["by a direction within another line", media("audio", "9", "a=x a=inactive"), "audio"],
    ["behind a separator that ends no line of SDP", media("audio", "9", "a=x\u2028a=inactive"), "audio"],
    ["by another line's type", media("audio", "9", "i=inactive"), "audio"],
    ["as watching, by a second direction", media("video", "9", "a=recvonly", "a=sendrecv"), "video"],
    ["as watching, by an inactive one", media("video", "9", "a=recvonly", "a=inactive"), "video"],
  ])("%s", (_, section, mode) => {
    expect(needed(section)).toBe(mode);
    expect(needed(DATA, section, DATA)).toBe(mode);
  });

  it("by a direction of the session, which says nothing of its media", () => {
    const sdp = [...HEAD, "a=inactive", ...media("audio")].join("\r\n");
    expect(modeNeeded([described(sdp)])).toBe("audio");
  });

  it("by a direction of another section", () => {
    expect(needed(media("audio", "9", "a=inactive"), media("audio"))).toBe("audio");
    expect(needed(media("audio"), media("audio", "9", "a=inactive"))).toBe("audio");
  });

  it.each([
    ["without a line feed", `${HEAD.join("\r\n")}\r\na=x m=audio 9 RTP/AVP 0\r\n`],
    ["after a carriage return alone", `${[...HEAD, ...DATA].join("\r\n")}\rm=audio 9 RTP/AVP 0\r\n`],
    ["after an empty line", [...HEAD, ...DATA, "", ...media("audio")].join("\r\n")],
    ["before the version", [...media("audio"), ...HEAD].join("\r\n")],
    ["with spaces before it", [...HEAD, ...DATA, "  m=audio 9 RTP/AVP 0"].join("\r\n")],
    ["as another type of line", [...HEAD, ...DATA, "M=audio 9 RTP/AVP 0"].join("\r\n")],
  ])("%s: that is no SDP", (_, sdp) => {
    expect(() => checkDescription({ type: "offer", connectionId: "", sdp }, "offer")).toThrow(DomainError);
  });
});

it("what a mode allows, those with more allow too", () => {
  const table = MODES.map((mode) => MODES.map((one) => allows(mode, one)));
  expect(table).toEqual([
    [true, true, true],
    [false, true, true],
    [false, false, true],
  ]);
});

it("the mode of several descriptions is that of the one that needs most, and the first beyond a mode is named", () => {
  const sdp = (...sections: string[][]) => [...HEAD, ...sections.flat()].join("\r\n");
  const signals: Signal[] = [
    { kind: "candidates_done" },
    described(sdp(DATA)),
    { kind: "description", type: "rollback", sdp: "", connectionId: "" },
    described(sdp(media("audio")), "answer"),
    described(sdp(media("video"))),
    described(sdp(DATA)),
  ];
  expect(modeNeeded(signals)).toBe("video");
  expect(modeNeeded(signals.slice(0, 3))).toBe("text");
  const refused = (mode: Mode) => {
    try {
      checkModes(signals, mode);
      return undefined;
    } catch (error) {
      return (error as DomainError).context.field;
    }
  };
  expect(MODES.map(refused)).toEqual([undefined, "signals[4].description.sdp", "signals[3].description.sdp"]);
});
