import type { Server } from "node:net";
import { join } from "node:path";
import { isStoreAway } from "../../core/errors.js";
import type { Clock } from "../../ports/clock.js";
import type { ActionStore } from "../../ports/action-store.js";
import type { EventLog } from "../../ports/event-log.js";
import type { ChannelStore } from "../../ports/channel-store.js";
import type { CaseStore } from "../../ports/case-store.js";
import type { EvidenceStore } from "../../ports/evidence-store.js";
import type { ModerationStore } from "../../ports/moderation-store.js";
import type { PeopleStore } from "../../ports/people-store.js";
import type { TipStore } from "../../ports/tip-ledger.js";
import type { DepositStore } from "../../ports/deposit-store.js";
import type { WebhookStore } from "../../ports/webhook-store.js";
import { nameOf } from "./commit-queue.js";
import type { EventJournal } from "./event-log.js";
import { cannotOpen, problemIn } from "./prepare.js";
import { FILE } from "./private-files.js";
import { type End, StoreLink } from "./store-link.js";
import type { Opening, PortName } from "./store-messages.js";
import { refusal, sentenceOn } from "./trouble.js";

/** First and longest delay before a process is restarted, in milliseconds. It doubles each time. */
const [RESTART_MS, MAX_RESTART_MS] = [250, 30_000];
/** How long a request waits for the replacement of a process that can no longer write, in milliseconds. */
const REPLACEMENT_MS = 8_000;
/** How long `close` waits for a disk that does not respond, in milliseconds. */
const END_MS = 6_000;

interface Parts {
  folder: string;
  /** How many events the log keeps; 0 for no log. That of `eventRetention` by default. */
  maxEvents?: number | undefined;
  /** The socket of the folder, if it could be claimed. */
  claim: Server | undefined;
  clock: Clock;
  /** Called with the code of a problem when it begins, and with undefined after recovery. */
  onTrouble: (code: string | undefined) => void;
  /** Called when a change was rejected, or its outcome is unknown. */
  onRefused: () => void;
}

/**
 * Stores reports, bans, actions, people, tips and the log of events in a folder, in a child process: LMDB may crash its process
 * when a write or a page fails. After a crash, pending requests are rejected and another process is started.
 */
export class StoreProcess {
  readonly records = this.#portNamed("records") as ModerationStore;
  readonly actions = this.#portNamed("actions") as ActionStore;
  readonly cases = this.#portNamed("cases") as CaseStore;
  readonly evidence = this.#portNamed("evidence") as EvidenceStore;
  readonly people = this.#portNamed("people") as PeopleStore;
  readonly tips = this.#portNamed("tips") as TipStore;
  readonly events = this.#portNamed("events") as EventLog & EventJournal;
  readonly deposits = this.#portNamed("deposits") as DepositStore;
  readonly webhooks = this.#portNamed("webhooks") as WebhookStore;
  readonly channels = this.#portNamed("channels") as ChannelStore;
  #link: StoreLink | undefined;
  #trouble: string | undefined;
  /** Number of exits since the store was last healthy. */
  #ends = 0;
  #starting: Promise<unknown> = Promise.resolve();
  /** Whether a replacement is starting that requests can wait for, because it can read stored data. */
  #isReplacing = false;
  #cancel: () => void = () => undefined;
  #isClosed = false;

  private constructor(private readonly parts: Parts) {}

  /** Also opens databases that cannot be written to at the moment. @throws Error that says why they cannot be opened */
  static async open(parts: Parts): Promise<StoreProcess> {
    const store = new StoreProcess(parts);
    const failure = await store.#start(undefined);
    if (failure !== undefined) throw cannotOpen(join(parts.folder, FILE), failure);
    return store;
  }

  /** Describes the current problems, one sentence each. */
  get troubles(): readonly string[] {
    return this.#trouble === undefined ? [] : [sentenceOn(this.#trouble)];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    const ended = this.#starting.then(() => this.#link?.close());
    await this.#waitFor(ended, END_MS);
  }

  /** Waits for a promise, up to a time limit. */
  async #waitFor(promise: Promise<unknown>, limitMs: number): Promise<void> {
    let cancel: () => void = () => undefined;
    const limit = new Promise<void>((resolve) => {
      cancel = this.parts.clock.after(limitMs, resolve);
    });
    await Promise.race([promise, limit]);
    cancel();
  }

  #portNamed(port: PortName): object {
    const get = (_: object, verb: string | symbol) => {
      return (...args: unknown[]) => this.#ask(port, String(verb), args);
    };
    return new Proxy({}, { get });
  }

  /** Sends a request without a wait, so that it precedes whatever its caller causes. */
  #ask(port: PortName, verb: string, args: unknown[]): Promise<unknown> {
    const link = this.#isReplacing || this.#isClosed ? undefined : this.#link;
    const answer = link?.ask(port, verb, args) ?? this.#serving().then((serving) => serving.ask(port, verb, args));
    answer.catch((error: unknown) => {
      if (isStoreAway(error)) this.parts.onRefused();
    });
    return answer;
  }

  /** Returns the running process. @throws DomainError if there is none */
  async #serving(): Promise<StoreLink> {
    if (this.#isReplacing) await this.#waitFor(this.#starting, REPLACEMENT_MS);
    if (this.#link === undefined || this.#isClosed) throw refusal(this.#trouble ?? "ECLOSED");
    return this.#link;
  }

  /** @returns the code of the failure, if any */
  async #start(fault: Opening["fault"]): Promise<string | undefined> {
    if (this.#isClosed) return undefined;
    const { folder, maxEvents, claim } = this.parts;
    const onTrouble = (code: string | undefined) => {
      this.#note(code);
    };
    try {
      const link = new StoreLink({ folder, maxEvents, fault }, claim, onTrouble);
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

  /** After a failed transaction, a replacement can read at once. After any other exit, it may crash again. */
  #restart({ code, broken }: End): void {
    this.#link = undefined;
    this.#note(broken ?? this.#trouble ?? code);
    const delayMs = this.#nextDelayMs();
    if (broken === undefined) this.#startLater(delayMs, undefined);
    else if (!this.#isClosed) this.#replace({ code: broken, quietMs: delayMs });
  }

  #replace(fault: Opening["fault"]): void {
    this.#isReplacing = true;
    this.#starting = this.#startAgain(fault).finally(() => {
      this.#isReplacing = false;
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
