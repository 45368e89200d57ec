import type { Server } from "node:net";
import { join } from "node:path";
import { isStoreAway } from "../../core/errors.js";
import type { Clock } from "../../ports/clock.js";
import type { ModerationStore } from "../../ports/moderation-store.js";
import type { TipStore } from "../../ports/tip-ledger.js";
import { nameOf } from "./commit-queue.js";
import { FILE } from "./database.js";
import { cannotOpen, problemIn } from "./prepare.js";
import { type End, StoreLink } from "./store-link.js";
import type { Opening, PortName } from "./store-messages.js";
import { refusal, sentenceOn } from "./trouble.js";

/** After how long a process that ended is started again, in milliseconds: twice as long each time, up to the most. */
const [RESTART_MS, MAX_RESTART_MS] = [250, 30_000];
/** How long a question waits for a process that takes the place of one that can write no more, in milliseconds. */
const SUCCESSION_MS = 8_000;
/** How long the end waits for a disk that does not answer, in milliseconds. */
const END_MS = 6_000;

interface Parts {
  folder: string;
  /** The socket of the folder, if it could be claimed. */
  claim: Server | undefined;
  clock: Clock;
  /** Told of the code of a trouble that begins, and of undefined when it is over. */
  onTrouble: (code: string | undefined) => void;
  /** A change was refused, or nobody can say whether it was stored. */
  onRefused: () => void;
}

/**
 * Reports, bans and tips in a folder, held by a process of their own: LMDB ends its process when a write or a page fails
 * in the wrong place. What was asked of one that ended is refused, and another one is started.
 */
export class StoreProcess {
  readonly records = this.#portNamed("records") as ModerationStore;
  readonly tips = this.#portNamed("tips") as TipStore;
  #link: StoreLink | undefined;
  #trouble: string | undefined;
  /** How often it ended since all was well. */
  #ends = 0;
  #starting: Promise<unknown> = Promise.resolve();
  /** Whether a process is started that can be waited for: what is stored can be read from it. */
  #isSucceeding = false;
  #cancel: () => void = () => undefined;
  #isClosed = false;

  private constructor(private readonly parts: Parts) {}

  /** @throws Error that says why the databases cannot be opened; that nothing can be added to them is no reason. */
  static async open(parts: Parts): Promise<StoreProcess> {
    const store = new StoreProcess(parts);
    const failure = await store.#start(undefined);
    if (failure !== undefined) throw cannotOpen(join(parts.folder, FILE), failure);
    return store;
  }

  /** What is wrong, a plain sentence each. */
  get troubles(): readonly string[] {
    return this.#trouble === undefined ? [] : [sentenceOn(this.#trouble)];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    const ended = this.#starting.then(() => this.#link?.close());
    await this.#first(ended, END_MS);
  }

  /** Waits for something, but no longer than so many milliseconds. */
  async #first(something: Promise<unknown>, limitMs: number): Promise<void> {
    let cancel: () => void = () => undefined;
    const limit = new Promise<void>((resolve) => {
      cancel = this.parts.clock.after(limitMs, resolve);
    });
    await Promise.race([something, limit]);
    cancel();
  }

  #portNamed(port: PortName): object {
    const get = (_: object, verb: string | symbol) => {
      return (...args: unknown[]) => this.#ask(port, String(verb), args);
    };
    return new Proxy({}, { get });
  }

  async #ask(port: PortName, verb: string, args: unknown[]): Promise<unknown> {
    try {
      return await (await this.#serving()).ask(port, verb, args);
    } catch (error) {
      if (isStoreAway(error)) this.parts.onRefused();
      throw error;
    }
  }

  /** @throws DomainError when no process serves */
  async #serving(): Promise<StoreLink> {
    if (this.#isSucceeding) await this.#first(this.#starting, SUCCESSION_MS);
    if (this.#link === undefined || this.#isClosed) throw refusal(this.#trouble ?? "ECLOSED");
    return this.#link;
  }

  /** @returns why it does not serve */
  async #start(fault: Opening["fault"]): Promise<string | undefined> {
    if (this.#isClosed) return undefined;
    const { folder, claim } = this.parts;
    const onTrouble = (code: string | undefined) => {
      this.#note(code);
    };
    try {
      const link = new StoreLink({ folder, fault }, claim, onTrouble);
      const failure = await link.opened;
      if (failure !== undefined) return failure;
      this.#link = link;
      void link.ended.then((end) => {
        this.#restart(end);
      });
      return undefined;
    } catch (error) {
      return nameOf(error);
    }
  }

  /** After a failed transaction what is stored can be read on at once; after any other end, the same may happen again. */
  #restart({ code, broken }: End): void {
    this.#link = undefined;
    this.#note(broken ?? this.#trouble ?? code);
    const delayMs = this.#nextDelayMs();
    if (broken === undefined) this.#startLater(delayMs, undefined);
    else if (!this.#isClosed) this.#succeed({ code: broken, quietMs: delayMs });
  }

  #succeed(fault: Opening["fault"]): void {
    this.#isSucceeding = true;
    this.#starting = this.#startAgain(fault).finally(() => {
      this.#isSucceeding = false;
    });
  }

  #startLater(delayMs: number, fault: Opening["fault"]): void {
    if (this.#isClosed) return;
    this.#cancel = this.parts.clock.after(delayMs, () => {
      this.#starting = this.#startAgain(fault);
    });
  }

  /** Never rejects. */
  async #startAgain(fault: Opening["fault"]): Promise<void> {
    const failure = (await problemIn(this.parts.folder)) ?? (await this.#start(fault));
    if (failure === undefined) return;
    this.#note(failure);
    this.#startLater(this.#nextDelayMs(), fault);
  }

  #nextDelayMs(): number {
    return Math.min(RESTART_MS * 2 ** this.#ends++, MAX_RESTART_MS);
  }

  #note(code: string | undefined): void {
    if (this.#isClosed) return;
    const before = this.#trouble;
    this.#trouble = code;
    if (code === undefined) this.#ends = 0;
    if ((code === undefined) !== (before === undefined)) this.parts.onTrouble(code);
  }
}
