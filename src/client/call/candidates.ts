import type { Description } from "../gen/satoshigle/v1/signal_pb.js";

/** This side's candidates: which of them the partner still needs for the description it was given. */
export class Candidates {
  readonly #found: RTCIceCandidate[] = [];

  /** Remembers one. True when it is to be sent now. */
  add(candidate: RTCIceCandidate, published: Description | undefined): boolean {
    // The end of one generation; the end of all has a signal of its own.
    if (candidate.candidate === "") return false;
    this.#found.push(candidate);
    return isMissing(candidate, published);
  }

  /** Those found so far that belong to the description and are not in it. */
  missingIn(published: Description): RTCIceCandidate[] {
    return this.#found.filter((candidate) => isMissing(candidate, published));
  }
}

/** Whether a candidate of that user name fragment belongs to the description. */
export function hasFragment(sdp: string | undefined, fragment: string): boolean {
  return sdp?.split(/\r?\n/).includes(`a=ice-ufrag:${fragment}`) ?? false;
}

/** The description without candidates: on a machine with very many networks they travel one by one. */
export function withoutCandidates(sdp: string): string {
  return sdp.replace(/^a=(candidate:|end-of-candidates).*\r?\n/gm, "");
}

function isMissing(candidate: RTCIceCandidate, published: Description | undefined): boolean {
  if (!published || published.sdp.includes(essence(candidate))) return false;
  return candidate.usernameFragment === null || hasFragment(published.sdp, candidate.usernameFragment);
}

/** A candidate up to its type: what follows differs between the event and the SDP. */
function essence({ candidate }: RTCIceCandidate): string {
  return candidate.split(" ").slice(0, 8).join(" ");
}
