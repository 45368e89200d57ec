import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactSignals, redactDescription } from "../../src/core/sdp-redaction.js";
import type { Signal } from "../../src/core/signal.js";
import { address, addressesIn, betrayals, RELAY, relayCandidate } from "../support/addresses.js";
import { sdp } from "../support/sdp.js";

const candidate = (text: string): Signal => ({ kind: "candidate", candidate: text, sdpMid: "0" });
const shown = (text: string) => redactDescription({ type: "offer", sdp: text, connectionId: "" }).sdp;

it("reveals no address but the relay's, wherever a description or candidate may contain one", () => {
  fc.assert(
    fc.property(address, fc.subarray(betrayals, { minLength: 1 }), (secret, chosen) => {
      const { lines, candidates, origin, connection } = addressesIn(secret, chosen);
      const text = sdp(...lines)
        .replace("o=- 4611731400430051336 2 IN IP4 127.0.0.1", origin)
        .replace("c=IN IP4 0.0.0.0", connection);
      const seen = JSON.stringify(
        redactSignals([{ kind: "description", type: "offer", sdp: text, connectionId: "pc" }, ...candidates]),
      );
      expect(seen.toLowerCase()).not.toContain(secret.toLowerCase());
      expect(seen).toContain(RELAY);
    }),
  );
});

it("also drops server reflexive and peer reflexive candidates", () => {
  const kinds = ["host", "srflx", "prflx"].map((kind) => candidate(`candidate:1 1 udp 1 198.51.100.1 1 typ ${kind}`));
  expect(redactSignals(kinds)).toEqual([]);
});

it("keeps the needed parts of a relay candidate, in their place", () => {
  const text = `candidate:1 1 udp 41885439 ${RELAY} 3478 typ relay raddr 192.0.2.7 rport 50000 generation 0 ufrag ab+/ network-id 1 network-cost 50`;
  const blank = text.replace("192.0.2.7 rport 50000", "0.0.0.0 rport 0");
  expect(redactSignals([candidate(text)])).toEqual([candidate(blank)]);
  expect(shown(sdp(`a=${text}`))).toContain(`a=${blank}\r\n`);
});

it.each([
  ["a host candidate with a second, relay type", "candidate:1 1 udp 1 192.0.2.7 9 typ host typ relay"],
  ["a related address before the type", "candidate:1 1 udp 1 203.0.113.7 9 raddr 192.0.2.7 rport 9 typ relay"],
  ["a name instead of an address", "candidate:1 1 udp 1 d2f7ad52.local 9 typ relay raddr 0.0.0.0 rport 0"],
  ["an address with a network interface", "candidate:1 1 udp 1 fe80::1%wlan0 9 typ relay"],
  ["an address in the foundation", "candidate:192.0.2.7 1 udp 1 203.0.113.7 9 typ relay"],
])("drops a candidate with %s", (_, text) => {
  expect(redactSignals([candidate(text)])).toEqual([]);
  expect(shown(sdp(`a=${text}`))).not.toContain("candidate");
});

it("drops a candidate whose media ID or username fragment contains an address", () => {
  const text = relayCandidate("192.0.2.7");
  const signals: Signal[] = [
    { kind: "candidate", candidate: text, sdpMid: "192.0.2.7" },
    { kind: "candidate", candidate: text, usernameFragment: "2001:db8::7" },
  ];
  expect(redactSignals(signals)).toEqual([]);
});

it("keeps the end of a generation", () => {
  expect(redactSignals([candidate("")])).toEqual([candidate("")]);
});

it("leaves a rollback empty", () => {
  expect(shown("")).toBe("");
});

describe("a description of a browser", () => {
  const lines = [
    "a=group:BUNDLE 0 1 2",
    "a=extmap-allow-mixed",
    "a=msid-semantic: WMS 5f0d6d7e-9c3f-4a55-a6a0-2d7f3f9d8b11",
    "a=ice-ufrag:4Zc+",
    "a=ice-pwd:2/1muCWoOi3uLifh0NuRHlgu",
    "a=ice-options:trickle renomination",
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "7B").join(":")}`,
    "a=setup:actpass",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "a=msid:5f0d6d7e-9c3f-4a55-a6a0-2d7f3f9d8b11 b7f4b3a6-0b52-4a0c-8e0f-6a5f5b0a3c21",
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 nack pli",
    "a=fmtp:97 apt=96",
    "a=rid:hi send",
    "a=simulcast:send hi;lo",
    "a=ssrc-group:FID 3570614608 1570614609",
    "a=ssrc:3570614608 cname:4TOk42mSjXCkVIa6",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
    "a=bundle-only",
    "a=end-of-candidates",
  ];

  it("keeps all that a call needs", () => {
    expect(shown(sdp(...lines))).toBe(
      sdp(...lines).replace("o=- 4611731400430051336 2 IN IP4 127.0.0.1", "o=- 4611731400430051336 2 IN IP4 0.0.0.0"),
    );
  });

  it("declares that there is no default candidate, as its address is hidden", () => {
    const text = sdp().replace("m=audio 9", "m=audio 50123").replace("0.0.0.0", "192.0.2.7");
    expect(shown(text)).toContain("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n");
    expect(shown(text.replace("50123", "0"))).toContain("m=audio 0 ");
  });

  it("drops unknown lines, however harmless they look", () => {
    const unknown = ["a=x-where:home", "a=remote-candidates:1 host.example 9", "a=Candidate:1 1 udp 1 h 9 typ host"];
    expect(shown(sdp(...unknown, "i=me", "u=http://me.example", "e=me@me.example", "k=clear:me"))).toBe(shown(sdp()));
  });
});
