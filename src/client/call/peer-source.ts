import type { Preferences, Receiving, State } from "../types.js";
import type { IceServers } from "./ice-servers.js";
import { Peer } from "./peer.js";

/** Creates peer connections with the current ICE servers and media. */
export class PeerSource {
  readonly ice: IceServers;
  media: MediaStream | null = null;
  receiving: Receiving = { audio: true, video: true };
  /** What the server lets this side negotiate: anything unless it is `audio` or `text`. */
  mode = "";
  maxDescriptionBytes = 16_384;
  /** What to send at most, in bits per second. */
  readonly limits = { pictureBps: Infinity, relayBps: Infinity };

  constructor(ice: IceServers) {
    this.ice = ice;
  }

  /** Whether this browser has WebRTC. */
  get available(): boolean {
    return typeof RTCPeerConnection === "function";
  }

  /**
   * Adopts the mode of a search, which the server enforces if people can seek by it.
   * @param matchedAs the mode that a match began with, if it is an earlier one; the narrower of both counts
   */
  bindMode({ attributes, modeLimit }: State, said: Preferences, matchedAs = ""): void {
    const isBinding = attributes.some(({ name }) => name === "mode");
    const modes = isBinding ? [matchedAs, said.attributes?.mode?.[0] ?? ""] : [];
    this.mode = modeLimit || (["text", "audio"].find((mode) => modes.includes(mode)) ?? "");
  }

  /** @param gatherEarly gather candidates before there is a description */
  create(relayOnly: boolean, connectionId: string, gatherEarly = false): Peer {
    const { ice, media, receiving, mode, maxDescriptionBytes } = this;
    return new Peer(connectionId, { ice, relayOnly, media, receiving, mode, maxDescriptionBytes, gatherEarly });
  }
}
