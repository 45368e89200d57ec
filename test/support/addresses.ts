import fc from "fast-check";
import type { Signal } from "../../src/core/signal.js";

/** The address of the relay, which may be revealed. */
export const RELAY = "203.0.113.7";

const harmless = new Set(["0.0.0.0", "::", "127.0.0.1", RELAY]);

/** Addresses that a browser may reveal: IPv4, IPv6 short and full, IPv4-mapped, and mDNS names. */
export const address = fc
  .oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 }).map(inGroups),
    fc.ipV4().map((v4) => `::ffff:${v4}`),
    fc.uuid().map((uuid) => `${uuid}.local`),
  )
  // one that is part of a harmless text reveals nothing, and cannot be distinguished from it
  .filter((one) => !harmless.has(one) && !RELAY.includes(one) && one.length > 6);

function inGroups(parts: number[]): string {
  return parts.map((part) => part.toString(16)).join(":");
}

export const relayCandidate = (related: string) =>
  `candidate:1 1 udp 41885439 ${RELAY} 3478 typ relay raddr ${related} rport 50000 generation 0 ufrag abcd`;

/** Positions in candidates. */
const inCandidates: Record<string, (secret: string) => string> = {
  host: (secret) => `candidate:2 1 udp 2122260223 ${secret} 50000 typ host generation 0`,
  capitals: (secret) => `candidate:2 1 UDP 2122260223 ${secret} 50000 TYP HOST`,
  tcp: (secret) => `candidate:3 1 tcp 1518280447 ${secret} 9 typ host tcptype active generation 0`,
  reflexive: (secret) => `candidate:4 1 udp 1686052607 ${secret} 50000 typ srflx raddr ${secret} rport 50000`,
  claimed: (secret) => `candidate:5 1 udp 1 ${secret} 50000 typ host typ relay`,
  early: (secret) => `candidate:6 1 udp 1 ${RELAY} 3478 raddr ${secret} rport 9 typ relay`,
  twice: (secret) => `candidate:7 1 udp 1 ${RELAY} 3478 typ relay raddr 0.0.0.0 rport 0 raddr ${secret}`,
  extension: (secret) => `candidate:8 1 udp 1 ${RELAY} 3478 typ relay x-base ${secret} ufrag ${secret}`,
  spaced: (secret) => `candidate:9  1\tudp 1 ${RELAY} 3478  typ  relay  raddr   ${secret}\trport 9`,
  prefixed: (secret) => `a=candidate:2 1 udp 2122260223 ${secret} 50000 typ host`,
};

/** Positions in other lines of a description. */
const inLines: Record<string, (secret: string) => string> = {
  rtcp: (secret) => `a=rtcp:9 IN IP4 ${secret}`,
  remote: (secret) => `a=remote-candidates:1 ${secret} 50000`,
  foreign: (secret) => `a=x-address:${secret}`,
  capitals: (secret) => `a=Candidate:2 1 udp 1 ${secret} 50000 typ host`,
  indented: (secret) => `a= candidate:2 1 udp 1 ${secret} 50000 typ host`,
  fragment: (secret) => `a=ice-ufrag:${secret}`,
  name: (secret) => `a=ssrc:1 cname:me@${secret}`,
  format: (secret) => `a=fmtp:96 where=${secret}`,
  section: (secret) => `a=mid:${secret}`,
  fingerprint: (secret) => `a=fingerprint:sha-256 ${secret}`,
  filter: (secret) => `a=source-filter: incl IN IP6 * ${secret}`,
  link: (secret) => `u=http://[${secret}]/`,
  mail: (secret) => `e=me@${secret}`,
  bandwidth: (secret) => `b=AS:${secret}`,
  connection: (secret) => `c=IN IP6 ${secret}/127`,
};

export const betrayals: string[] = [
  ...Object.keys(inCandidates).map((name) => `candidate ${name}`),
  ...Object.keys(inLines).map((name) => `line ${name}`),
];

/** Signals that reveal an address in these positions, beside a working relay candidate. */
export function addressesIn(secret: string, chosen: readonly string[]) {
  const texts = chosen.flatMap((name) => inCandidates[name.replace("candidate ", "")]?.(secret) ?? []);
  const all = [relayCandidate(secret), ...texts];
  const lines = [
    ...all.map((text) => `a=${text}`),
    ...chosen.flatMap((name) => inLines[name.replace("line ", "")]?.(secret) ?? []),
  ];
  const candidates = all.map((text): Signal => ({ kind: "candidate", candidate: text, sdpMid: "0" }));
  return { lines, candidates, origin: `o=${secret} 46117 2 IN IP6 ${secret}`, connection: `c=IN IP6 ${secret}` };
}
