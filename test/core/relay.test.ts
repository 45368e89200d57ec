import fc from "fast-check";
import { expect, it } from "vitest";
import { hideAddresses } from "../../src/core/relay.js";
import type { Signal } from "../../src/core/signal.js";
import { sdp } from "../support/sdp.js";

const RELAY = "203.0.113.7";
const relay = (related: string) =>
  `candidate:1 1 udp 41885439 ${RELAY} 3478 typ relay raddr ${related} rport 50000 generation 0 ufrag abcd`;
const host = (address: string) => `candidate:2 1 udp 2122260223 ${address} 50000 typ host generation 0`;
const candidate = (text: string): Signal => ({ kind: "candidate", candidate: text, sdpMid: "0" });

/** Addresses a browser may give away: IPv4, IPv6, IPv4-mapped and mDNS names. */
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4().map((v4) => `::ffff:${v4}`),
  fc.uuid().map((uuid) => `${uuid}.local`),
);

it("shows no address but the relay's, in descriptions and candidates", () => {
  fc.assert(
    fc.property(address, (secret) => {
      fc.pre(!RELAY.includes(secret) && !["0.0.0.0", "::", "127.0.0.1", "::1"].includes(secret) && secret.length > 6);
      const lines = [`a=${host(secret)}`, `a=${relay(secret)}`, `a=rtcp:9 IN IP4 ${secret}`];
      const text = sdp(...lines)
        .replace("IN IP4 127.0.0.1", `IN IP6 ${secret}`)
        .replace("c=IN IP4 0.0.0.0", `c=IN IP4 ${secret}`);
      const shown = hideAddresses([
        { kind: "description", type: "offer", sdp: text, connectionId: "pc" },
        candidate(host(secret)),
        candidate(relay(secret)),
        { kind: "candidates_done" },
      ]);
      expect(JSON.stringify(shown)).not.toContain(secret);
      expect(JSON.stringify(shown).split(RELAY)).toHaveLength(3);
      expect(shown.map(({ kind }) => kind)).toEqual(["description", "candidate", "candidates_done"]);
    }),
  );
});

it("drops server reflexive and peer reflexive candidates too", () => {
  const kinds = ["host", "srflx", "prflx"].map((kind) => candidate(`candidate:1 1 udp 1 198.51.100.1 1 typ ${kind}`));
  expect(hideAddresses(kinds)).toEqual([]);
});

it("keeps the end of a generation", () => {
  expect(hideAddresses([candidate("")])).toEqual([candidate("")]);
});
