import { IceServers } from "./ice-servers.js";
import { Peer } from "./peer.js";

/** What every new peer connection starts from. */
export class PeerSource {
  readonly ice: IceServers;
  media: MediaStream | null = null;
  maxDescriptionBytes = 16_384;

  constructor(ice = new IceServers()) {
    this.ice = ice;
  }

  /** Some browsers are built or set up without WebRTC. */
  get available(): boolean {
    return typeof RTCPeerConnection === "function";
  }

  create(relayOnly: boolean, connectionId: string): Peer {
    const { media, maxDescriptionBytes } = this;
    return new Peer(connectionId, { iceServers: this.ice.atHand, relayOnly, media, maxDescriptionBytes });
  }
}
