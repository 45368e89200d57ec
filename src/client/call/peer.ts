import type { Candidate, Description } from "../gen/satoshigle/v1/signal_pb.js";
import { Candidates, hasFragment, withoutCandidates } from "./candidates.js";
import { connectionStateOf, hasConnectionState } from "./connection-state.js";
import type { IceServers } from "./ice-servers.js";
import type { Receiving } from "../types.js";
import { DirectUpgrade, type DirectUpgradeHandlers } from "./direct-upgrade.js";
import { ChatChannel, type ChatHandlers } from "./chat-channel.js";
import { SmallStart } from "./small-start.js";
import { candidateSignal, descriptionSignal, fromDescription, toCandidateInit } from "./signals.js";

const MEDIA_KINDS = ["audio", "video"] as const;
/** How long a description waits for its candidates: those of this machine are found within a few milliseconds. */
const GATHER_MS = 60;

export interface PeerSettings {
  ice: IceServers;
  relayOnly: boolean;
  media: MediaStream | null;
  receiving: Receiving;
  /** That of `PeerSource`. */
  mode: string;
  maxDescriptionBytes: number;
  /** Gather candidates before there is a description, which may then be an answer. */
  gatherEarly: boolean;
}

export interface PeerHandlers extends ChatHandlers, DirectUpgradeHandlers {
  /** The connection state, the text channel or `directUpgrade.wish` changed. */
  changed(): void;
  /** A candidate of the last published description. */
  candidate(candidate: RTCIceCandidate): void;
  candidatesDone(): void;
  /** Null when nothing is received any more. */
  partnerStream(stream: MediaStream | null): void;
}

/** The error code of STUN for credentials that are wrong or expired (RFC 8489). */
const UNAUTHORIZED = 401;

const ignore = (): void => undefined;
const noopHandlers: PeerHandlers = {
  candidate: ignore,
  candidatesDone: ignore,
  partnerStream: ignore,
  message: ignore,
  changed: ignore,
  agreed: ignore,
  directSignal: ignore,
};

/** One peer connection with its media, text channel, descriptions and candidates. It is never reused for another partner. */
export class Peer {
  /** Set before the first description is published. */
  connectionId: string;
  readonly chat: ChatChannel;
  /** In a relayed connection, the agreement to go direct. */
  readonly directUpgrade: DirectUpgrade | undefined;
  readonly createdMs = Date.now();
  handlers = noopHandlers;
  /** The partner's description that was applied last. */
  applied: Description | undefined;
  /** The description that was published last. Repeating it sends the same text. */
  published: Description | undefined;
  readonly #connection: RTCPeerConnection;
  readonly #settings: PeerSettings;
  /** Those that the next gathering uses. */
  #iceServers: RTCIceServer[] = [];
  /** Whether candidates were gathered with a relay from the beginning. */
  readonly hadRelay: boolean;
  readonly #candidates = new Candidates();
  readonly #partnerStream = new MediaStream();
  /** Candidates that were found after the description was published, and are reported one by one. */
  #hasLateCandidates = false;
  #describedMs = 0;
  #announced = false;
  /** A separate stream for the SDP: the ID of the camera's stream would identify this person across calls. */
  readonly #streamId = new MediaStream();
  readonly #senders = new Map<string, RTCRtpSender>();
  #media: MediaStream | null;
  #receiving: Receiving;
  /** What the last local description asks for. */
  #described: Receiving | undefined;
  readonly #smallStart = new SmallStart();
  #direct = false;
  /** The description that was sent to the partner over the call after both agreed to go direct. */
  #directDescription: Description | undefined;

  constructor(connectionId: string, settings: PeerSettings) {
    const { ice, relayOnly, media, receiving, gatherEarly } = settings;
    this.connectionId = connectionId;
    this.#settings = settings;
    this.#media = media;
    this.#receiving = receiving;
    const iceTransportPolicy = relayOnly ? "relay" : "all";
    const pool = gatherEarly ? { iceCandidatePoolSize: 1 } : undefined;
    const connection = ice.apply((iceServers) => {
      const created = new RTCPeerConnection({ iceServers, iceTransportPolicy, bundlePolicy: "max-bundle", ...pool });
      this.#iceServers = iceServers;
      return created;
    });
    this.hadRelay = this.#relayUsername !== undefined;
    if (relayOnly && !this.hadRelay) ice.relayMissing();
    this.#connection = connection;
    this.chat = new ChatChannel(connection, {
      message: (text, id) => this.handlers.message(text, id),
      changed: () => this.handlers.changed(),
    });
    if (relayOnly) {
      this.directUpgrade = new DirectUpgrade(connection, {
        changed: () => this.handlers.changed(),
        agreed: () => this.handlers.agreed(),
        directSignal: (signal) => this.handlers.directSignal(signal),
      });
    }
    connection.onicecandidate = ({ candidate }) => this.#gathered(candidate);
    connection.onicecandidateerror = ({ errorCode }) => {
      if (errorCode === UNAUTHORIZED) ice.credentialsRefused(this.#relayUsername);
    };
    connection.onconnectionstatechange = () => this.#stateChanged();
    if (!hasConnectionState(connection)) connection.oniceconnectionstatechange = () => this.#stateChanged();
  }

  /** For what is added to a running call. */
  get connection(): RTCPeerConnection {
    return this.#connection;
  }

  get relayOnly(): boolean {
    return this.#settings.relayOnly;
  }

  get mode(): string {
    return this.#settings.mode;
  }

  /** Whether both agreed to turn this relayed connection into a direct one. */
  get direct(): boolean {
    return this.#direct;
  }

  get state(): RTCPeerConnectionState {
    return connectionStateOf(this.#connection);
  }

  /** Whether an offer of this side is unanswered. */
  get offering(): boolean {
    return this.#connection.signalingState === "have-local-offer";
  }

  /** Whether an offer and its answer have been exchanged. */
  get negotiated(): boolean {
    return this.#connection.currentRemoteDescription !== null;
  }

  /**
   * Creates an offer, with `restart` one that restarts ICE. It always contains audio and video.
   */
  async offer(restart = false): Promise<void> {
    if (this.#senders.size === 0) {
      for (const kind of MEDIA_KINDS) {
        const direction = this.#directionOf(kind);
        const transceiver = this.#connection.addTransceiver(kind, { direction, streams: [this.#streamId] });
        this.#senders.set(kind, transceiver.sender);
      }
      await this.#attachMedia();
      await this.#startSmall();
    }
    if (restart) {
      this.#connection.restartIce();
      this.#smallStart.again();
    }
    await this.#describeLocally();
  }

  /** Applies the partner's offer, rolling back this side's, and creates the answer. */
  async answer(offer: Description): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    if (this.applied && iceUser(this.applied) !== iceUser(offer)) this.#smallStart.again();
    this.applied = offer;
    for (const transceiver of this.#connection.getTransceivers()) {
      const { kind } = transceiver.receiver.track;
      if (transceiver.mid !== null) transceiver.direction = this.#directionOf(kind);
      if (this.#senders.has(kind) || transceiver.mid === null) continue;
      this.#senders.set(kind, transceiver.sender);
      // Older browsers lack it. The partner's tracks then have no stream, which this client does not use.
      (transceiver.sender as Partial<RTCRtpSender>).setStreams?.(this.#streamId);
    }
    const isFromPool = this.#settings.gatherEarly && !this.negotiated;
    if (!this.negotiated) await this.#startSmall();
    await Promise.all([this.#attachMedia(), isFromPool ? this.#answerWithPool() : this.#describeLocally()]);
    this.#announceStream();
  }

  /** Applies the partner's answer. */
  async accept(answer: Description): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    this.applied = answer;
    this.#announceStream();
  }

  /** Resolves when all candidates were found, or shortly after the local description was made. */
  async gathered(): Promise<void> {
    const leftMs = this.#describedMs + GATHER_MS - Date.now();
    if (this.#connection.iceGatheringState === "complete" || leftMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(leftMs, GATHER_MS)); // the clock may have been set back
      this.#connection.onicegatheringstatechange = () => {
        if (this.#connection.iceGatheringState !== "complete") return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Returns the local description. Candidates that are not in it are reported from now on. */
  publish(): Description {
    if (this.published) return this.published;
    return (this.published = this.#describe());
  }

  /** Reports the candidates found so far that belong to the published description but are not in it. */
  reportCandidates(): void {
    if (!this.published) return;
    const late = this.#candidates.missingIn(this.published);
    this.#hasLateCandidates = late.length > 0;
    for (const candidate of late) this.handlers.candidate(candidate);
    if (this.#hasLateCandidates && this.#connection.iceGatheringState === "complete") this.handlers.candidatesDone();
  }

  /** Adds a candidate of the partner, unless it belongs to a description that was not applied. */
  async addCandidate(candidate: Candidate): Promise<void> {
    const { usernameFragment: fragment } = candidate;
    if (fragment !== undefined && !hasFragment(this.#connection.remoteDescription?.sdp, fragment)) return;
    // An unusable candidate (an unknown network, a rejected section) is one path less, not a failure.
    await this.#connection.addIceCandidate(toCandidateInit(candidate)).catch(ignore);
  }

  async endCandidates(): Promise<void> {
    await this.#connection.addIceCandidate().catch(ignore);
  }

  /** Replaces the tracks without negotiation, because audio and video are negotiated from the start. */
  async setMedia(media: MediaStream | null): Promise<void> {
    this.#media = media;
    await this.#attachMedia();
  }

  /** Sets which media to receive, from the next description on. */
  setReceiving(receiving: Receiving): void {
    this.#receiving = receiving;
    if (this.#connection.signalingState === "closed") return;
    for (const transceiver of this.#connection.getTransceivers()) {
      transceiver.direction = this.#directionOf(transceiver.receiver.track.kind);
    }
    for (const track of this.#partnerStream.getTracks()) {
      if (!this.#receives(track.kind)) this.#partnerStream.removeTrack(track);
    }
    if (!this.#announced || this.#partnerStream.getTracks().length > 0) return;
    this.#announced = false;
    this.handlers.partnerStream(null);
  }

  /** Whether the last local description asks for other media than are to be received now. */
  get outdated(): boolean {
    const { audio, video } = this.#receiving;
    return this.#described !== undefined && (this.#described.audio !== audio || this.#described.video !== video);
  }

  /** Adopts the current servers and credentials, for the next gathering. */
  renewIceServers(): void {
    try {
      this.#settings.ice.apply((iceServers) => {
        if (iceServers.length === 0) return;
        this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceServers });
        this.#iceServers = iceServers;
      });
    } catch {
      // Not supported by every browser: the original servers then stay.
    }
  }

  /** Allows direct paths from the next restart on. */
  allowDirect(): void {
    this.#direct = true;
    this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceTransportPolicy: "all" });
  }

  /** Sends the partner the local description over the call, and from now on the candidates that are not in it. */
  sendDirectDescription(): void {
    this.#directDescription = this.#describe();
    this.directUpgrade?.send(descriptionSignal(this.#directDescription));
    for (const candidate of this.#candidates.missingIn(this.#directDescription))
      this.directUpgrade?.send(candidateSignal(candidate));
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  /** Whether the call is connected, but nothing arrives for this time. */
  async isSilent(forMs: number): Promise<boolean> {
    const before = await this.#bytesReceived();
    await new Promise((resolve) => setTimeout(resolve, forMs));
    return this.state === "connected" && before === (await this.#bytesReceived());
  }

  close(): void {
    this.handlers = noopHandlers;
    this.#smallStart.close();
    this.#connection.close();
  }

  async #bytesReceived(): Promise<number> {
    let bytes = 0;
    (await this.getStats()).forEach((entry: { type: string; bytesReceived?: number }) => {
      if (entry.type === "candidate-pair") bytes += entry.bytesReceived ?? 0;
    });
    return bytes;
  }

  #stateChanged(): void {
    if (this.state === "connected") this.#smallStart.connected();
    this.handlers.changed();
  }

  #receives(kind: string): boolean {
    return kind === "video" ? this.#receiving.video : this.#receiving.audio;
  }

  /** Sending is negotiated if it is allowed, so that a camera that is switched on later needs no negotiation. */
  #directionOf(kind: string): RTCRtpTransceiverDirection {
    const sends = this.mode !== "text" && (this.mode !== "audio" || kind === "audio");
    if (this.mode !== "text" && this.#receives(kind)) return sends ? "sendrecv" : "recvonly";
    return sends ? "sendonly" : "inactive";
  }

  async #attachMedia(): Promise<void> {
    const attach = async ([kind, sender]: [string, RTCRtpSender]): Promise<void> => {
      const track = this.#media?.getTracks().find((one) => one.kind === kind) ?? null;
      if (sender.track === track) return;
      await sender.replaceTrack(track).catch((error: unknown) => this.#throwUnlessClosed(error));
    };
    await Promise.all([...this.#senders].map(attach));
  }

  async #startSmall(): Promise<void> {
    const sender = this.#senders.get("video");
    if (sender) await this.#smallStart.add(sender);
  }

  /** A connection may be closed while one of its steps runs, which then does not matter. */
  #throwUnlessClosed(error: unknown): void {
    if (this.#connection.signalingState !== "closed") throw error;
  }

  /** The user name at the relay. */
  get #relayUsername(): string | undefined {
    return this.#iceServers.find(({ credential }) => credential !== undefined)?.username;
  }

  /** Asks for what is received: Firefox does not repeat `ontrack` for media that this side did not want at first. */
  #announceStream(): void {
    for (const { currentDirection, receiver } of this.#connection.getTransceivers()) {
      const { track } = receiver;
      if (currentDirection?.includes("recv") && this.#receives(track.kind)) this.#partnerStream.addTrack(track);
    }
    if (this.#announced || this.#partnerStream.getTracks().length === 0) return;
    this.#announced = true;
    this.handlers.partnerStream(this.#partnerStream);
  }

  #gathered(candidate: RTCIceCandidate | null): void {
    const description = this.#direct ? this.#directDescription : this.published;
    if (candidate && this.#candidates.add(candidate, description)) {
      if (this.#direct) this.directUpgrade?.send(candidateSignal(candidate));
      else this.#reportLate(candidate);
    } else if (!candidate && this.#hasLateCandidates) this.handlers.candidatesDone();
  }

  #reportLate(candidate: RTCIceCandidate): void {
    this.#hasLateCandidates = true;
    this.handlers.candidate(candidate);
  }

  async #describeLocally(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    this.#described = this.#receiving;
    await this.#connection.setLocalDescription(description);
    this.published = undefined;
    this.#hasLateCandidates = false;
    this.#describedMs = Date.now();
  }

  /**
   * Answers with the candidates that were gathered early. Chromium discards them when an answer is applied, but not when
   * a provisional answer is, which then becomes the answer.
   */
  async #answerWithPool(): Promise<void> {
    try {
      const { sdp = "" } = await this.#connection.createAnswer();
      await this.#describeLocally({ type: "pranswer", sdp });
      await this.gathered();
      const gatheringSinceMs = this.#describedMs;
      await this.#describeLocally({ type: "answer", sdp: this.#connection.localDescription?.sdp ?? sdp });
      this.#describedMs = gatheringSinceMs;
    } catch {
      // Not every browser has provisional answers.
      await this.#describeLocally();
    }
  }

  #describe(): Description {
    const local = this.#connection.localDescription;
    const type = local?.type === "answer" ? "answer" : "offer";
    return fromDescription(type, this.#fitToLimit(local?.sdp ?? ""), this.connectionId);
  }

  #fitToLimit(sdp: string): string {
    const bytes = new TextEncoder().encode(sdp).length;
    return bytes > this.#settings.maxDescriptionBytes ? withoutCandidates(sdp) : sdp;
  }
}

/** The line by which ICE restarts are recognized. */
function iceUser({ sdp }: Description): string | undefined {
  return /^a=ice-ufrag:.*$/m.exec(sdp)?.[0];
}
