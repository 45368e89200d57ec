import type { Description } from "../gen/satoshigle/v1/signal_pb.js";

/** This side's candidates, and which of them the partner still needs for a description. */
export class Candidates {
  readonly #found: RTCIceCandidate[] = [];

  /** Stores a candidate. Returns whether it must be sent now. */
  add(candidate: RTCIceCandidate, published: Description | undefined): boolean {
    // The end of one generation; the end of gathering has a signal of its own.
    if (candidate.candidate === "") return false;
    this.#found.push(candidate);
    return isMissing(candidate, published);
  }

  /** The candidates found so far that belong to the description but are not in it. */
  missingIn(published: Description): RTCIceCandidate[] {
    return this.#found.filter((candidate) => isMissing(candidate, published));
  }
}

/** Whether candidates with this username fragment belong to the description. */
export function hasFragment(sdp: string | undefined, fragment: string): boolean {
  return sdp?.split(/\r?\n/).includes(`a=ice-ufrag:${fragment}`) ?? false;
}

/** Removes the candidates from a description: on a machine with many networks they are sent separately. */
export function withoutCandidates(sdp: string): string {
  return sdp.replace(/^a=(candidate:|end-of-candidates).*\r?\n/gm, "");
}

function isMissing(candidate: RTCIceCandidate, published: Description | undefined): boolean {
  if (!published || published.sdp.includes(foundationToType(candidate))) return false;
  return candidate.usernameFragment === null || hasFragment(published.sdp, candidate.usernameFragment);
}

/** The candidate up to its type: the rest differs between the event and the SDP. */
function foundationToType({ candidate }: RTCIceCandidate): string {
  return candidate.split(" ").slice(0, 8).join(" ");
}
