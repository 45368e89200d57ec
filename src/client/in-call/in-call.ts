import type { PartnerMessage, PartnerMessage_Quality } from "../gen/satoshigle/v1/partner_pb.js";
import type { StateStore } from "../state-store.js";
import { LineWatch, type BitrateLimits } from "./line-watch.js";
import { callEndedError, PartnerChannel, unsupportedError } from "./partner-channel.js";
import { SafetyCode } from "./safety-code.js";
import type { SafetySymbol } from "./safety-symbols.js";
import { assertMessage, isMessage } from "./topic.js";
import type { CallQuality } from "../types.js";
import { fromReport, toReport } from "./quality-report.js";
import { Typing } from "./typing.js";

/** What is needed of a peer connection. */
export interface InCallPeer {
  readonly connection: RTCPeerConnection;
}

/** What is added to a running call. */
export interface InCallSettings {
  store: StateStore;
  /** The ID of the last line of text chat that this side sent. */
  lastLine: () => number;
  /** The ID of the partner's last line that this side has seen. */
  seenLine: () => number;
  limits: BitrateLimits;
}

/** What two clients exchange beside media and text chat, in one peer connection. */
export class InCall {
  readonly #settings: InCallSettings;
  readonly #channel: PartnerChannel;
  readonly #typing: Typing;
  readonly #safetyCode: SafetyCode;
  readonly #line: LineWatch;
  #quality: CallQuality = { level: "good", cause: null, picture: "full", partnerPicture: "full" };
  /** The last one of the lines seen that was reported to the partner. */
  #reportedLine = 0;
  /** This side's last line that the partner has seen. */
  #partnerSeen = 0;

  constructor({ connection }: InCallPeer, settings: InCallSettings) {
    const { events } = settings.store;
    this.#settings = settings;
    this.#safetyCode = new SafetyCode(connection, {
      commit: (hash) => this.#channel.send({ case: "commitment", value: { hash } }),
      reveal: (nonce) => this.#channel.send({ case: "reveal", value: { nonce } }),
      changed: (error) => events.emit("error", error),
    });
    this.#typing = new Typing({
      send: (active) => this.#channel.send({ case: "typing", value: { active } }),
      changed: (active) => events.emit("typing", active),
    });
    this.#line = new LineWatch(connection, settings.limits, {
      report: (own, picture) => this.#channel.send({ case: "quality", value: toReport(own, picture) }),
      changed: (assessment, picture) => this.#qualityChanged({ ...assessment, picture }),
    });
    this.#channel = new PartnerChannel(connection, {
      ready: () => {
        this.reportSeen();
        this.#safetyCode.begin();
        this.#line.report();
      },
      unsupported: () => this.#safetyCode.end(unsupportedError()),
      message: (kind) => this.#handle(kind),
    });
  }

  async send(topic: string, bytes: Uint8Array): Promise<void> {
    assertMessage(topic, bytes);
    await this.#channel.sendData(topic, bytes);
  }

  setTyping(active: boolean): void {
    if (this.#channel.ready) this.#typing.set(active);
  }

  /** The partner sent a line of text chat, so it has stopped typing. */
  lineArrived(): void {
    this.#typing.receive(false);
  }

  /** Reports to the partner which of its lines were seen. */
  reportSeen(): void {
    const lineId = this.#settings.seenLine();
    if (!this.#channel.ready || lineId === this.#reportedLine) return;
    this.#reportedLine = lineId;
    this.#channel.send({ case: "seen", value: { lineId } });
  }

  safetyCode(): Promise<readonly SafetySymbol[]> {
    return this.#safetyCode.get();
  }

  close(): void {
    this.#line.close();
    this.#channel.close();
    this.#safetyCode.end(callEndedError());
    this.#typing.receive(false);
  }

  #handle(kind: PartnerMessage["kind"]): void {
    if (kind.case === "typing") this.#typing.receive(kind.value.active);
    else if (kind.case === "seen") this.#seen(kind.value.lineId);
    else if (kind.case === "quality") this.#partnerReported(kind.value);
    else if (kind.case === "commitment") this.#safetyCode.committed(kind.value.hash);
    else if (kind.case === "reveal") this.#safetyCode.revealed(kind.value.nonce);
    else if (kind.case === "data") this.#received(kind.value.topic, kind.value.content);
  }

  #partnerReported(report: PartnerMessage_Quality): void {
    const { assessment, picture } = fromReport(report);
    if (assessment) this.#line.partnerReported(assessment);
    if (picture && picture !== this.#quality.partnerPicture) this.#qualityChanged({ partnerPicture: picture });
  }

  #qualityChanged(change: Partial<CallQuality>): void {
    this.#quality = { ...this.#quality, ...change };
    this.#settings.store.events.emit("quality", this.#quality);
  }

  #seen(lineId: number): void {
    if (lineId <= this.#partnerSeen || lineId > this.#settings.lastLine()) return;
    this.#partnerSeen = lineId;
    this.#settings.store.events.emit("seen", lineId);
  }

  #received(topic: string, content: Uint8Array): void {
    if (isMessage(topic, content)) this.#settings.store.events.emit(`message:${topic}`, content);
  }
}
