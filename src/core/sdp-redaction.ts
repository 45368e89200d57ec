import { holdsAddress, isPlainAddress } from "./address.js";
import type { Candidate, Description, Signal } from "./signal.js";

/**
 * What a stranger may see of signals in a relayed call: relay candidates only, and no address but the relay's.
 *
 * Whatever is not known to be harmless goes: of a candidate the parts of its grammar (RFC 8839, 5.1) are put together
 * anew, and of a description those lines and attributes stay that a call needs and that carry no address. So a line that
 * a browser of tomorrow adds cannot give anybody away.
 */
export function redactSignals(signals: readonly Signal[]): Signal[] {
  return signals.flatMap((signal): Signal[] => {
    switch (signal.kind) {
      case "description":
        return [{ ...signal, ...redactDescription(signal) }];
      case "candidate":
        return hideInCandidate(signal).map((shown) => ({ ...shown, kind: "candidate" }));
      case "candidates_done":
        return [signal];
    }
  });
}

/** The same for a description alone. */
export function redactDescription(description: Description): Description {
  const lines = description.sdp.split(/\r?\n/).flatMap((line) => (line === "" ? [] : showLine(line)));
  return { ...description, sdp: lines.map((line) => `${line}\r\n`).join("") };
}

/** The candidate if it is relayed, else nothing. An empty one ends a generation (RFC 8838, 8.2) and shows nothing. */
function hideInCandidate(signal: Candidate): Candidate[] {
  const { candidate, sdpMid, usernameFragment } = signal;
  if (usernameFragment !== undefined && !isIceText(usernameFragment)) return [];
  if (sdpMid !== undefined && holdsAddress(sdpMid)) return [];
  if (candidate === "") return [signal];
  return showCandidate(candidate.replace(/^a=/, "")).map((shown) => ({ ...signal, candidate: shown }));
}

const CANDIDATE_LENGTH = 8;

/** Extensions that browsers use, with what they may say. */
const extensions: Readonly<Partial<Record<string, RegExp>>> = {
  tcptype: /^(active|passive|so)$/,
  generation: /^\d+$/,
  ufrag: /^[A-Za-z0-9+/]+$/,
  "network-id": /^\d+$/,
  "network-cost": /^\d+$/,
};

function showCandidate(text: string): string[] {
  const words = text.split(/\s+/);
  const [head = "", component = "", transport = "", priority = "", address = "", port = "", typ, type] = words;
  const isRelay =
    /^candidate:[A-Za-z0-9+/]{1,32}$/.test(head) &&
    [component, priority, port].every((number) => /^\d{1,10}$/.test(number)) &&
    /^[A-Za-z-]+$/.test(transport) &&
    isPlainAddress(address) &&
    typ?.toLowerCase() === "typ" &&
    type?.toLowerCase() === "relay";
  if (!isRelay) return [];
  const shown = [head, component, transport, priority, address, port, "typ relay raddr 0.0.0.0 rport 0"];
  for (let at = CANDIDATE_LENGTH; at + 1 < words.length; at += 2) {
    const [name = "", value = ""] = words.slice(at, at + 2);
    if (extensions[name]?.test(value)) shown.push(name, value);
  }
  return [shown.join(" ")];
}

/** A line as a stranger may see it, or nothing. Their kinds are those of RFC 8866, 5. */
function showLine(line: string): string[] {
  switch (line.slice(0, 2)) {
    case "v=":
    case "t=":
    case "b=":
      return kept(line);
    case "o=":
      return [line.replace(/^o=\S+ (\d+) (\d+) .*$/, "o=- $1 $2 IN IP4 0.0.0.0")].flatMap(keptOrigin);
    case "s=":
      return ["s=-"]; // free text
    case "c=":
      return ["c=IN IP4 0.0.0.0"];
    case "m=":
      // The port of the default candidate, whose address was in `c=`: 9 when there is none (RFC 8839, 4.2.1). 0: refused.
      return kept(line.replace(/^(m=\S+) [1-9]\d*(\/\d+)? /, "$1 9 "));
    case "a=":
      return showAttribute(line);
    default:
      return []; // names, mail addresses, telephone numbers, links, keys: nothing that a call needs
  }
}

/** Attributes that a call needs and that carry no address. */
const attributes: ReadonlySet<string> = new Set(
  (
    "bundle-only content dcmap dcsa end-of-candidates extmap extmap-allow-mixed fmtp framerate group ice-lite " +
    "ice-options ice-pacing imageattr inactive label max-message-size maxptime mid msid msid-semantic packetization " +
    "ptime quality recvonly rid rtcp-fb rtcp-mux rtcp-mux-only rtcp-rsize rtpmap sctp-port sctpmap sendonly sendrecv " +
    "setup simulcast ssrc ssrc-group tls-id x-google-flag"
  ).split(" "),
);

function showAttribute(line: string): string[] {
  const [name, value] = split(line.slice("a=".length), ":");
  switch (name) {
    case "candidate":
      return showCandidate(line.slice("a=".length)).map((candidate) => `a=${candidate}`);
    case "rtcp":
      return ["a=rtcp:9 IN IP4 0.0.0.0"]; // RFC 3605
    case "ice-ufrag":
    case "ice-pwd":
      return isIceText(value) ? [line] : [];
    case "fingerprint":
      return /^[\w-]+ ([0-9A-F]{2}:){15,}[0-9A-F]{2}$/i.test(value) ? [line] : [];
    default:
      return attributes.has(name) ? kept(line) : [];
  }
}

/** What is kept as it is, unless somebody put an address where none belongs. */
function kept(line: string): string[] {
  return holdsAddress(line) ? [] : [line];
}

function keptOrigin(line: string): string[] {
  return [line.endsWith(" IN IP4 0.0.0.0") ? line : "o=- 0 0 IN IP4 0.0.0.0"];
}

function isIceText(text: string): boolean {
  return /^[A-Za-z0-9+/]*$/.test(text);
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
