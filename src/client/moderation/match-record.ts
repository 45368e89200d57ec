import type { ChatMessage } from "../types.js";
import { toBase64 } from "./base64.js";
import { type Chain, emptyChain, extend } from "./chat-chain.js";
import { MAX_FRAMES, MAX_LINES } from "./limits.js";
import type { EvidenceFrame, EvidenceLine } from "./types.js";

/** Older frames are forgotten, in milliseconds. */
const FRAME_MS = 20_000;

/** The end of a match as this side saw it, in memory alone. */
export class MatchRecord {
  readonly matchId: string;
  #lines: EvidenceLine[] = [];
  #frames: EvidenceFrame[] = [];
  /** The chain of each side; undefined once a line is missing. */
  readonly #chains: Record<EvidenceLine["from"], Chain | undefined> = { me: undefined, partner: undefined };
  /** Lines are hashed one after the other. */
  #work: Promise<unknown>;

  constructor(matchId: string) {
    this.matchId = matchId;
    this.#work = emptyChain(matchId).then((chain) => (this.#chains.me = this.#chains.partner = chain));
  }

  get frames(): readonly EvidenceFrame[] {
    return this.#frames;
  }

  /** Resolves with the lines so far. */
  async lines(): Promise<readonly EvidenceLine[]> {
    await this.#work;
    return this.#lines;
  }

  /** Resolves with the chain of this side when the line is in it. */
  addLine(line: ChatMessage): Promise<Chain | undefined> {
    const added = this.#work.then(() => this.#append(line));
    this.#work = added;
    return added;
  }

  addFrame(frame: EvidenceFrame): void {
    const sinceMs = frame.atMs - FRAME_MS;
    this.#frames = [...this.#frames.filter(({ atMs }) => atMs > sinceMs), frame].slice(-MAX_FRAMES);
  }

  async #append({ from, text, id, atMs }: ChatMessage): Promise<Chain | undefined> {
    const before = this.#chains[from];
    const chain = before && id === before.count + 1 ? before : undefined;
    const [number, previous] = chain ? [chain.count + 1, toBase64(chain.head)] : [0, ""];
    this.#lines = [...this.#lines, { from, text, atMs, number, previous }].slice(-MAX_LINES);
    this.#chains[from] = chain && (await extend(chain, text));
    return this.#chains.me;
  }
}
