import { Peer } from "./peer.js";

/** What every new peer connection starts from. */
export class PeerSource {
  iceServers: RTCIceServer[] = [];
  media: MediaStream | null = null;
  maxDescriptionBytes = 16_384;

  /** Some browsers are built or set up without WebRTC. */
  get available(): boolean {
    return typeof RTCPeerConnection === "function";
  }

  create(relayOnly: boolean, connectionId: string): Peer {
    const { iceServers, media, maxDescriptionBytes } = this;
    return new Peer(connectionId, { iceServers, relayOnly, media, maxDescriptionBytes });
  }
}
