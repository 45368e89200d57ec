import { durationMs } from "@bufbuild/protobuf/wkt";
import { call, type Wire } from "../connection/api.js";
import { toSatoshigleError } from "../connection/error-mapping.js";
import type { Session } from "../connection/session.js";
import { SatoshigleError } from "../errors.js";
import {
  EvidencePolicy as WirePolicy,
  EvidenceService,
  type GetEvidencePolicyResponse,
} from "../gen/satoshigle/v1/evidence_pb.js";
import type { StateStore } from "../state-store.js";
import type { ChatMessage, Evidence, ReportReason } from "../types.js";
import { Commitments } from "./commitments.js";
import { FrameSource } from "./frame-source.js";
import { MatchRecord } from "./match-record.js";
import type { EvidenceChoice, EvidencePolicy, EvidencePreview } from "./types.js";

/** How long a match can be reported after its end, in milliseconds. */
const KEPT_MS = 10 * 60_000;

const policies: Partial<Record<WirePolicy, EvidencePolicy>> = {
  [WirePolicy.CHAT]: "chat",
  [WirePolicy.CHAT_AND_FRAMES]: "chat_and_frames",
};

const keepers = new WeakMap<StateStore, Promise<Evidence>>();

/** Begins to keep the end of each match; once for each client. */
export function keepEvidence(store: StateStore, session: Session, wire: Wire): Promise<Evidence> {
  const keeper = keepers.get(store) ?? EvidenceKeeper.start(store, session, wire);
  keepers.set(store, keeper);
  keeper.catch(() => keepers.delete(store));
  return keeper;
}

/** Keeps the end of the current match and of the one before, in memory alone, and attaches it to a report. */
export class EvidenceKeeper implements Evidence {
  readonly policy: EvidencePolicy;
  readonly keptMs: number;
  /** What was encrypted for a choice. Encrypted again it would be other pieces, which the server refuses. */
  readonly #sealed = new WeakMap<EvidenceChoice, Uint8Array>();
  #records: MatchRecord[] = [];
  #commitments: Commitments | undefined;
  #frames: FrameSource | undefined;
  #forgetting: ReturnType<typeof setTimeout> | undefined;

  static async start(store: StateStore, session: Session, wire: Wire): Promise<EvidenceKeeper> {
    const terms = await call(wire, EvidenceService.method.getEvidencePolicy, {}).catch((error: unknown) => {
      throw toSatoshigleError(error);
    });
    return new EvidenceKeeper(terms, store, session, wire);
  }

  private constructor(
    private readonly terms: GetEvidencePolicyResponse,
    store: StateStore,
    private readonly session: Session,
    private readonly wire: Wire,
  ) {
    this.policy = policies[terms.policy] ?? "off";
    this.keptMs = terms.keptFor ? durationMs(terms.keptFor) : 0;
    if (this.policy === "off") return;
    store.events.on("matched", ({ matchId }) => this.#begin(matchId));
    store.events.on("message", (line) => void this.#addLine(line));
    store.events.on("partnerStream", (stream) => this.#watch(stream));
    store.events.on("ended", () => this.#end());
    if (store.match) this.#begin(store.match.matchId);
    this.#watch(store.partnerStream);
  }

  async preview(reason: ReportReason, matchId: string): Promise<EvidencePreview> {
    const record = this.#recordOf(matchId);
    const lines = (await record?.lines()) ?? [];
    return { lines, frames: reason === "minor" ? [] : (record?.frames ?? []) };
  }

  async attach(reason: ReportReason, matchId: string, choice: EvidenceChoice): Promise<void> {
    const withFrames = this.policy === "chat_and_frames" && reason !== "minor";
    const kept = { lines: choice.lines, frames: withFrames ? choice.frames : [] };
    if (kept.lines.length + kept.frames.length === 0) return;
    const sealed = this.#sealed.get(choice) ?? (await this.#seal(matchId, kept));
    this.#sealed.set(choice, sealed);
    const { maxPieceBytes } = this.terms;
    const count = Math.ceil(sealed.length / maxPieceBytes);
    for (let index = 0; index < count; index++) {
      const data = sealed.slice(index * maxPieceBytes, (index + 1) * maxPieceBytes);
      await this.#upload({ matchId, index, count, data });
    }
    this.#forget(matchId);
  }

  async #seal(matchId: string, kept: EvidenceChoice): Promise<Uint8Array> {
    const reporterId = this.session.id;
    if (reporterId === "") throw new SatoshigleError("match_over", "The session of the match is over.");
    const { recipients, maxPieceBytes, maxPieces } = this.terms;
    const { seal } = await import("./seal.js").catch((cause: unknown) => {
      throw new SatoshigleError("not_loaded", "The code for evidence could not be loaded. Try again.", { cause });
    });
    return seal(
      { version: 1, matchId, reporterId, createdMs: Date.now(), ...kept },
      recipients,
      maxPieceBytes * maxPieces,
    );
  }

  async #upload(piece: { matchId: string; index: number; count: number; data: Uint8Array }): Promise<void> {
    const send = () => call(this.wire, EvidenceService.method.attachEvidence, piece);
    await send()
      .catch(send) // a repeated piece has no further effect
      .catch((error: unknown) => {
        throw toSatoshigleError(error);
      });
  }

  #begin(matchId: string): void {
    this.#stop();
    clearTimeout(this.#forgetting);
    this.#records = [...this.#records, new MatchRecord(matchId)].slice(-2);
    this.#commitments = new Commitments(this.wire, matchId);
  }

  async #addLine(line: ChatMessage): Promise<void> {
    const commitments = this.#commitments;
    const chain = await this.#records.at(-1)?.addLine(line);
    if (chain && line.from === "me") commitments?.update(chain);
  }

  #watch(stream: MediaStream | null): void {
    this.#frames?.stop();
    const record = this.#records.at(-1);
    if (!stream || !record || this.policy !== "chat_and_frames") return;
    this.#frames = new FrameSource(stream, (frame) => record.addFrame(frame));
  }

  #end(): void {
    this.#stop();
    this.#forgetting = setTimeout(() => (this.#records = []), KEPT_MS);
  }

  #stop(): void {
    this.#commitments?.stop();
    this.#frames?.stop();
    this.#commitments = this.#frames = undefined;
  }

  #recordOf(matchId: string): MatchRecord | undefined {
    return this.#records.find((record) => record.matchId === matchId);
  }

  #forget(matchId: string): void {
    this.#records = this.#records.filter((record) => record.matchId !== matchId);
  }
}
