import { vi } from "vitest";

export interface FakeChannel {
  sent: unknown[];
  onmessage?: (event: { data: unknown }) => void;
}

/** The part of the browser's API that the negotiation uses, without a network. */
export class FakePeerConnection {
  static all: FakePeerConnection[] = [];
  static hasProvisionalAnswers = true;
  /** Set to "gathering" by tests of candidates that come late. */
  static gatheringAtFirst: RTCIceGatheringState = "complete";
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  iceGatheringState = FakePeerConnection.gatheringAtFirst;
  localDescription: { type: RTCSdpType; sdp: string } | null = null;
  remoteDescription: { type: RTCSdpType; sdp: string } | null = null;
  currentRemoteDescription: { type: RTCSdpType; sdp: string } | null = null;
  onicecandidate: ((event: { candidate: object | null }) => void) | null = null;
  onicegatheringstatechange: (() => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: (() => void) | null = null;
  /** The partner's candidates that were added. */
  readonly added: (string | undefined)[] = [];
  /** The channels by label, each with the messages that were sent. */
  readonly channels = new Map<string, FakeChannel>();
  readonly #transceivers: object[] = [];
  #generation = 0;
  #version = 0;

  constructor(readonly configuration: RTCConfiguration) {
    FakePeerConnection.all.push(this);
  }

  get fragment(): string {
    return `u${String(FakePeerConnection.all.indexOf(this))}g${String(this.#generation)}`;
  }

  /** A candidate was found. */
  find(address: string): void {
    const candidate = `candidate:1 1 udp 1 ${address} 5000 typ host`;
    if (this.localDescription) this.localDescription.sdp += `a=${candidate}\r\n`;
    const found = { candidate, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: this.fragment };
    this.onicecandidate?.({ candidate: found });
  }

  /** By kind. */
  get directions(): Record<string, string> {
    const all = this.#transceivers as { receiver: { track: { kind: string } }; direction: string }[];
    return Object.fromEntries(all.map(({ receiver, direction }) => [receiver.track.kind, direction]));
  }

  addTransceiver(kind: string, { direction = "sendrecv" }: RTCRtpTransceiverInit = {}): object {
    const sender = {
      track: null,
      replaceTrack: () => Promise.resolve(),
      getParameters: () => ({ encodings: [] }),
    };
    const transceiver = { sender, receiver: { track: { kind } }, mid: null, direction };
    this.#transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers(): object[] {
    return this.#transceivers;
  }

  createDataChannel(label: string): object {
    const channel = { readyState: "open", sent: [], send: (data: unknown) => void channel.sent.push(data as never) };
    this.channels.set(label, channel);
    return label === "chat" ? { readyState: "connecting" } : channel;
  }

  getConfiguration(): RTCConfiguration {
    return this.configuration;
  }

  setConfiguration(configuration: RTCConfiguration): void {
    Object.assign(this.configuration, configuration);
  }

  restartIce(): void {
    this.#generation++;
  }

  bytesReceived = 0;

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map([["pair", { type: "candidate-pair", bytesReceived: this.bytesReceived }]]));
  }

  addEventListener(): void {
    // No event is dispatched.
  }

  removeEventListener(): void {
    // There is none.
  }

  /** All candidates were found. */
  complete(): void {
    this.iceGatheringState = "complete";
    this.onicegatheringstatechange?.();
    this.onicecandidate?.({ candidate: null });
  }

  createAnswer(): Promise<RTCSessionDescriptionInit> {
    return Promise.resolve({ type: "answer", sdp: "v=0" });
  }

  setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    const isAnswer = ["have-remote-offer", "have-local-pranswer"].includes(this.signalingState);
    if (description?.type === "pranswer") {
      if (!FakePeerConnection.hasProvisionalAnswers) return Promise.reject(new Error("not supported"));
      this.signalingState = "have-local-pranswer";
      this.localDescription = { type: "pranswer", sdp: `v=0\r\na=ice-ufrag:${this.fragment}\r\n` };
      return Promise.resolve();
    }
    if (description?.type === "answer" && this.localDescription) {
      this.localDescription.type = "answer";
      this.signalingState = "stable";
      this.currentRemoteDescription = this.remoteDescription;
      return Promise.resolve();
    }
    const type = isAnswer ? "answer" : "offer";
    this.signalingState = type === "answer" ? "stable" : "have-local-offer";
    this.localDescription = {
      type,
      sdp: `v=0\r\no=- 1 ${String(++this.#version)}\r\na=ice-ufrag:${this.fragment}\r\n`,
    };
    if (type === "answer") this.currentRemoteDescription = this.remoteDescription;
    return Promise.resolve();
  }

  setRemoteDescription(description: { type: RTCSdpType; sdp: string }): Promise<void> {
    if (!description.sdp.startsWith("v=0")) return Promise.reject(new Error("this is not SDP"));
    if (description.type === "answer" && this.signalingState !== "have-local-offer") {
      return Promise.reject(new Error("no offer to answer"));
    }
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    if (description.type === "answer") this.currentRemoteDescription = description;
    return Promise.resolve();
  }

  addIceCandidate(candidate?: RTCIceCandidateInit): Promise<void> {
    this.added.push(candidate?.candidate?.split(" ")[4]);
    return Promise.resolve();
  }

  close(): void {
    this.signalingState = "closed";
  }
}

/** Replaces the browser's class with the fake until the test ends. */
export function stubPeerConnection(): void {
  FakePeerConnection.all = [];
  FakePeerConnection.hasProvisionalAnswers = true;
  FakePeerConnection.gatheringAtFirst = "complete";
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal(
    "MediaStream",
    class {
      getTracks = (): never[] => [];
    },
  );
}
