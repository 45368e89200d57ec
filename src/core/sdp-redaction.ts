import { holdsAddress, isPlainAddress } from "./address.js";
import type { Candidate, Description, Signal } from "./signal.js";

/**
 * Redacts the signals of a relayed call: only relay candidates remain, and no address but the relay's.
 *
 * It keeps only what is known to be harmless: candidates are rebuilt from the parts of their grammar (RFC 8839, 5.1),
 * and descriptions keep the lines and attributes that a call needs and that contain no address. Lines that future
 * browsers add cannot reveal an address.
 */
export function redactSignals(signals: readonly Signal[]): Signal[] {
  return signals.flatMap((signal): Signal[] => {
    switch (signal.kind) {
      case "description":
        return [{ ...signal, ...redactDescription(signal) }];
      case "candidate":
        return redactSignal(signal).map((redacted) => ({ ...redacted, kind: "candidate" }));
      case "candidates_done":
        return [signal];
    }
  });
}

/** Redacts a description. */
export function redactDescription(description: Description): Description {
  const lines = description.sdp.split(/\r?\n/).flatMap((line) => (line === "" ? [] : redactLine(line)));
  return { ...description, sdp: lines.map((line) => `${line}\r\n`).join("") };
}

/** Returns a relay candidate, or nothing. An empty candidate ends a generation (RFC 8838, 8.2) and reveals nothing. */
function redactSignal(signal: Candidate): Candidate[] {
  const { candidate, sdpMid, usernameFragment } = signal;
  if (usernameFragment !== undefined && !isIceText(usernameFragment)) return [];
  if (sdpMid !== undefined && holdsAddress(sdpMid)) return [];
  if (candidate === "") return [signal];
  return redactCandidate(candidate.replace(/^a=/, "")).map((redacted) => ({ ...signal, candidate: redacted }));
}

const CANDIDATE_LENGTH = 8;

/** Extensions that browsers use, and their valid values. */
const extensions: Readonly<Partial<Record<string, RegExp>>> = {
  tcptype: /^(active|passive|so)$/,
  generation: /^\d+$/,
  ufrag: /^[A-Za-z0-9+/]+$/,
  "network-id": /^\d+$/,
  "network-cost": /^\d+$/,
};

function redactCandidate(text: string): string[] {
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
  const redacted = [head, component, transport, priority, address, port, "typ relay raddr 0.0.0.0 rport 0"];
  for (let at = CANDIDATE_LENGTH; at + 1 < words.length; at += 2) {
    const [name = "", value = ""] = words.slice(at, at + 2);
    if (extensions[name]?.test(value)) redacted.push(name, value);
  }
  return [redacted.join(" ")];
}

/** Redacts a line, or drops it. The types of lines are those of RFC 8866, 5. */
function redactLine(line: string): string[] {
  switch (line.slice(0, 2)) {
    case "v=":
    case "t=":
    case "b=":
      return keepUnlessAddress(line);
    case "o=":
      return [line.replace(/^o=\S+ (\d+) (\d+) .*$/, "o=- $1 $2 IN IP4 0.0.0.0")].flatMap(keepOrigin);
    case "s=":
      return ["s=-"]; // free text
    case "c=":
      return ["c=IN IP4 0.0.0.0"];
    case "m=":
      // The port of the default candidate, whose address is in `c=`: 9 if there is none (RFC 8839, 4.2.1). 0: rejected.
      return keepUnlessAddress(line.replace(/^(m=\S+) [1-9]\d*(\/\d+)? /, "$1 9 "));
    case "a=":
      return redactAttribute(line);
    default:
      return []; // names, email addresses, phone numbers, links, keys: not needed for a call
  }
}

/** Attributes that a call needs and that contain no address. */
const attributes: ReadonlySet<string> = new Set(
  (
    "bundle-only content dcmap dcsa end-of-candidates extmap extmap-allow-mixed fmtp framerate group ice-lite " +
    "ice-options ice-pacing imageattr inactive label max-message-size maxptime mid msid msid-semantic packetization " +
    "ptime quality recvonly rid rtcp-fb rtcp-mux rtcp-mux-only rtcp-rsize rtpmap sctp-port sctpmap sendonly sendrecv " +
    "setup simulcast ssrc ssrc-group tls-id x-google-flag"
  ).split(" "),
);

function redactAttribute(line: string): string[] {
  const [name, value] = split(line.slice("a=".length), ":");
  switch (name) {
    case "candidate":
      return redactCandidate(line.slice("a=".length)).map((candidate) => `a=${candidate}`);
    case "rtcp":
      return ["a=rtcp:9 IN IP4 0.0.0.0"]; // RFC 3605
    case "ice-ufrag":
    case "ice-pwd":
      return isIceText(value) ? [line] : [];
    case "fingerprint":
      return /^[\w-]+ ([0-9A-F]{2}:){15,}[0-9A-F]{2}$/i.test(value) ? [line] : [];
    default:
      return attributes.has(name) ? keepUnlessAddress(line) : [];
  }
}

/** Keeps a line, unless it contains an address where none belongs. */
function keepUnlessAddress(line: string): string[] {
  return holdsAddress(line) ? [] : [line];
}

function keepOrigin(line: string): string[] {
  return [line.endsWith(" IN IP4 0.0.0.0") ? line : "o=- 0 0 IN IP4 0.0.0.0"];
}

function isIceText(text: string): boolean {
  return /^[A-Za-z0-9+/]*$/.test(text);
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
