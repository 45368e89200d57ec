import type { Candidate, Description } from "../gen/satoshigle/v1/signal_pb.js";
import { Candidates, hasFragment, withoutCandidates } from "./candidates.js";
import { DirectUpgrade, type DirectUpgradeHandlers } from "./direct-upgrade.js";
import { ChatChannel, type ChatHandlers } from "./chat-channel.js";
import { candidateSignal, descriptionSignal, fromDescription, toCandidateInit } from "../connection/codec.js";

const kinds = ["audio", "video"] as const;

export interface PeerSettings {
  iceServers: RTCIceServer[];
  relayOnly: boolean;
  media: MediaStream | null;
  maxDescriptionBytes: number;
}

export interface PeerHandlers extends ChatHandlers, DirectUpgradeHandlers {
  /** A candidate of the description that was published last. */
  candidate(candidate: RTCIceCandidate): void;
  candidatesDone(): void;
  /** `connectionState` changed. */
  stateChanged(): void;
  partnerStream(stream: MediaStream): void;
}

const ignore = (): void => undefined;
const deaf: PeerHandlers = {
  candidate: ignore,
  candidatesDone: ignore,
  stateChanged: ignore,
  partnerStream: ignore,
  message: ignore,
  changed: ignore,
  agreed: ignore,
  shown: ignore,
};

/** One peer connection: its media, its text channel, its descriptions and candidates. Never used for a second partner. */
export class Peer {
  readonly connectionId: string;
  readonly chat: ChatChannel;
  /** Of a relayed connection: how the two go direct. */
  readonly agreement: DirectUpgrade | undefined;
  readonly createdMs = Date.now();
  handlers = deaf;
  /** What of the partner was applied last. */
  applied: Description | undefined;
  /** The description that was given out last; the same text however often it is sent. */
  published: Description | undefined;
  readonly #connection: RTCPeerConnection;
  readonly #settings: PeerSettings;
  readonly #candidates = new Candidates();
  readonly #partnerStream = new MediaStream();
  #announced = false;
  /** A stream of its own for the SDP: the camera's id would let strangers recognize each other's partner. */
  readonly #streamId = new MediaStream();
  readonly #senders = new Map<string, RTCRtpSender>();
  #media: MediaStream | null;
  #direct = false;
  /** The description that was shown to a partner who agreed to go direct. */
  #shown: Description | undefined;

  constructor(connectionId: string, settings: PeerSettings) {
    const { iceServers, relayOnly, media } = settings;
    this.connectionId = connectionId;
    this.#settings = settings;
    this.#media = media;
    const iceTransportPolicy = relayOnly ? "relay" : "all";
    const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy, bundlePolicy: "max-bundle" });
    this.#connection = connection;
    this.chat = new ChatChannel(connection, {
      message: (text) => this.handlers.message(text),
      changed: () => this.handlers.changed(),
    });
    if (relayOnly) {
      this.agreement = new DirectUpgrade(connection, {
        changed: () => this.handlers.changed(),
        agreed: () => this.handlers.agreed(),
        shown: (signal) => this.handlers.shown(signal),
      });
    }
    connection.onicecandidate = ({ candidate }) => this.#gathered(candidate);
    connection.onconnectionstatechange = () => this.handlers.stateChanged();
    connection.ontrack = ({ track }) => this.#partnerStream.addTrack(track);
  }

  /** There was a relay to gather with from the beginning. */
  get knewRelay(): boolean {
    return this.#settings.iceServers.some(({ credential }) => credential !== undefined);
  }

  get relayOnly(): boolean {
    return this.#settings.relayOnly;
  }

  /** A relayed connection on which both agreed to show their addresses. */
  get direct(): boolean {
    return this.#direct;
  }

  get state(): RTCPeerConnectionState {
    return this.#connection.connectionState;
  }

  /** An offer of this side is not answered yet. */
  get offering(): boolean {
    return this.#connection.signalingState === "have-local-offer";
  }

  /** Both descriptions were exchanged at least once. */
  get negotiated(): boolean {
    return this.#connection.currentRemoteDescription !== null;
  }

  /**
   * Makes an offer; with `restart`, one that looks for new paths. Both kinds of media are always in it, so that a
   * camera switched on later needs no negotiation.
   */
  async offer(restart = false): Promise<void> {
    if (this.#senders.size === 0) {
      for (const kind of kinds) {
        const transceiver = this.#connection.addTransceiver(kind, { direction: "sendrecv", streams: [this.#streamId] });
        this.#senders.set(kind, transceiver.sender);
      }
      await this.#attachMedia();
    }
    if (restart) this.#connection.restartIce();
    await this.#connection.setLocalDescription();
    this.published = undefined;
  }

  /** Applies the partner's offer, rolling an own one back, and makes the answer. */
  async answer(offer: Description): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    this.applied = offer;
    for (const transceiver of this.#connection.getTransceivers()) {
      const { kind } = transceiver.receiver.track;
      if (this.#senders.has(kind) || transceiver.mid === null) continue;
      this.#senders.set(kind, transceiver.sender);
      transceiver.direction = "sendrecv";
      // Older browsers lack it; without it the partner's `ontrack` has no stream, which this client does not use.
      (transceiver.sender as Partial<RTCRtpSender>).setStreams?.(this.#streamId);
    }
    await this.#attachMedia();
    await this.#connection.setLocalDescription();
    this.published = undefined;
    this.#announceStream();
  }

  /** Applies the partner's answer. */
  async accept(answer: Description): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    this.applied = answer;
    this.#announceStream();
  }

  /** The local description as it stands. Candidates that are not in it are reported from now on. */
  publish(): Description {
    if (this.published) return this.published;
    return (this.published = this.#describe());
  }

  /** Reports the candidates found so far that belong to the published description and are not in it. */
  reportCandidates(): void {
    if (!this.published) return;
    for (const candidate of this.#candidates.missingIn(this.published)) this.handlers.candidate(candidate);
    if (this.#connection.iceGatheringState === "complete") this.handlers.candidatesDone();
  }

  /** Adds a candidate of the partner. One of a description that was not applied is none of this connection's. */
  async addCandidate(candidate: Candidate): Promise<void> {
    const { usernameFragment: fragment } = candidate;
    if (fragment !== undefined && !hasFragment(this.#connection.remoteDescription?.sdp, fragment)) return;
    // A candidate that cannot be used (an unknown network, a section that was refused) is one path less, no failure.
    await this.#connection.addIceCandidate(toCandidateInit(candidate)).catch(ignore);
  }

  async endCandidates(): Promise<void> {
    await this.#connection.addIceCandidate().catch(ignore);
  }

  /** Replaces what is sent; needs no negotiation, because both kinds are negotiated from the start. */
  async setMedia(media: MediaStream | null): Promise<void> {
    this.#media = media;
    await this.#attachMedia();
  }

  /** Fresh credentials, used from the next restart on. */
  setIceServers(iceServers: RTCIceServer[]): void {
    if (iceServers.length === 0) return;
    try {
      this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceServers });
    } catch {
      // Not every browser can; the servers it was made with then stay.
    }
  }

  /** From the next restart on, every path may be taken. */
  allowDirect(): void {
    this.#direct = true;
    this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceTransportPolicy: "all" });
  }

  /** Shows the partner the local description, and from now on the candidates that are not in it. */
  show(): void {
    this.#shown = this.#describe();
    this.agreement?.show(descriptionSignal(this.#shown));
    for (const candidate of this.#candidates.missingIn(this.#shown)) this.agreement?.show(candidateSignal(candidate));
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    this.handlers = deaf;
    this.#connection.close();
  }

  async #attachMedia(): Promise<void> {
    for (const [kind, sender] of this.#senders) {
      const track = this.#media?.getTracks().find((one) => one.kind === kind) ?? null;
      if (sender.track !== track) await sender.replaceTrack(track).catch((error: unknown) => this.#unlessClosed(error));
    }
  }

  /** A connection may be closed while one of its steps runs; nobody needs the step then. */
  #unlessClosed(error: unknown): void {
    if (this.#connection.signalingState !== "closed") throw error;
  }

  #announceStream(): void {
    if (this.#announced || this.#partnerStream.getTracks().length === 0) return;
    this.#announced = true;
    this.handlers.partnerStream(this.#partnerStream);
  }

  #gathered(candidate: RTCIceCandidate | null): void {
    const known = this.#direct ? this.#shown : this.published;
    if (candidate && this.#candidates.add(candidate, known)) {
      if (this.#direct) this.agreement?.show(candidateSignal(candidate));
      else this.handlers.candidate(candidate);
    } else if (!candidate && this.published) this.handlers.candidatesDone();
  }

  #describe(): Description {
    const local = this.#connection.localDescription;
    const type = local?.type === "answer" ? "answer" : "offer";
    return fromDescription(type, this.#fit(local?.sdp ?? ""), this.connectionId);
  }

  #fit(sdp: string): string {
    const bytes = new TextEncoder().encode(sdp).length;
    return bytes > this.#settings.maxDescriptionBytes ? withoutCandidates(sdp) : sdp;
  }
}
