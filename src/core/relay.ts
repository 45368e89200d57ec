import type { Description, Signal } from "./signal.js";

/**
 * What a stranger may see of signals in a relayed call: relay candidates only, and no address but the relay's.
 *
 * A relay candidate names in `raddr` the address it was allocated from (RFC 8839, 5.1), so that is blanked; so are the
 * connection, origin and RTCP lines (RFC 8866; RFC 3605), which may carry a local address. Unknown lines stay.
 */
export function hideAddresses(signals: readonly Signal[]): Signal[] {
  return signals.flatMap((signal): Signal[] => {
    switch (signal.kind) {
      case "description":
        return [{ ...signal, ...hideInDescription(signal) }];
      case "candidate":
        // An empty candidate ends a generation (RFC 8838, 8.2) and shows nothing.
        if (signal.candidate === "") return [signal];
        return isRelay(signal.candidate) ? [{ ...signal, candidate: blankRelated(signal.candidate) }] : [];
      case "candidates_done":
        return [signal];
    }
  });
}

/** The same for a description alone. */
export function hideInDescription(description: Description): Description {
  const lines = description.sdp.split(/\r?\n/);
  const kept = lines.filter((line) => !line.startsWith("a=candidate:") || isRelay(line)).map(blankLine);
  return { ...description, sdp: kept.join("\r\n") };
}

function blankLine(line: string): string {
  if (line.startsWith("a=candidate:")) return blankRelated(line);
  if (/^(c=|o=|a=rtcp:)/.test(line)) return line.replace(/IN IP[46] \S+/i, "IN IP4 0.0.0.0");
  return line;
}

function isRelay(candidate: string): boolean {
  return / typ relay(?= |$)/i.test(candidate);
}

function blankRelated(candidate: string): string {
  return candidate.replace(/ raddr \S+/i, " raddr 0.0.0.0").replace(/ rport \S+/i, " rport 0");
}
