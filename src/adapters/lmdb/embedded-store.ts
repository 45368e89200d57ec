import type { Database, RootDatabase } from "lmdb";
import { DomainError } from "../../core/errors.js";
import type { ActionStore } from "../../ports/action-store.js";
import type { ChannelStore } from "../../ports/channel-store.js";
import type { CaseStore } from "../../ports/case-store.js";
import type { EvidenceStore } from "../../ports/evidence-store.js";
import type { ModerationStore } from "../../ports/moderation-store.js";
import type { PeopleStore } from "../../ports/people-store.js";
import type { TipStore } from "../../ports/tip-ledger.js";
import type { DepositStore } from "../../ports/deposit-store.js";
import type { WebhookStore } from "../../ports/webhook-store.js";
import { LmdbActions } from "./action-store.js";
import { LmdbChannels } from "./channel-store.js";
import { LmdbCases } from "./case-store.js";
import { CommitError, type CommitQueue, nameOf } from "./commit-queue.js";
import { commit, openDatabase, queueOf } from "./database.js";
import { LmdbEventLog } from "./event-log.js";
import { EventShelf } from "./event-shelf.js";
import { LmdbEvidence } from "./evidence-store.js";
import { LmdbRecords } from "./moderation-store.js";
import { LmdbPeople } from "./people.js";
import { ROOM_BYTES, roomIn } from "./room.js";
import type { Opening, PortName } from "./store-messages.js";
import { LmdbTips } from "./tip-ledger.js";
import { refusal } from "./trouble.js";
import { LmdbDeposits } from "./deposit-store.js";
import { LmdbWebhooks } from "./webhook-store.js";

/** Interval between probes of a failing disk, in milliseconds. */
const PROBE_MS = 1_000;
/** After this long, changes are tried although the disk is full: the file may have free pages, in milliseconds. */
const TRY_ANYWAY_MS = 60_000;
/** How long `close` waits for a disk that does not respond, in milliseconds. */
const END_MS = 5_000;
/** Size of a trial write, in bytes. */
const PIECE_BYTES = 16_384;

interface Parts extends Opening {
  /** Called with the code of a problem when it begins or changes, and with undefined after recovery. */
  onTrouble: (code: string | undefined) => void;
  /** Called with a code when LMDB failed and must not be used any more. */
  onBroken: (code: string) => void;
}

/**
 * Stores reports, bans, actions, people, tips and the log of events in a folder. After a change could not be stored, all changes
 * are rejected until a trial write succeeds. Stored data can be read meanwhile.
 */
export class EmbeddedStore {
  readonly #root: RootDatabase;
  readonly #queue: CommitQueue;
  readonly #ports: {
    records: ModerationStore;
    actions: ActionStore;
    cases: CaseStore;
    evidence: EvidenceStore;
    people: PeopleStore;
    tips: TipStore;
    events: LmdbEventLog;
    deposits: DepositStore;
    webhooks: WebhookStore;
    channels: ChannelStore;
  };
  readonly #written: Database<Buffer, string>;
  #trouble: string | undefined;
  #triedMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** Also opens databases that cannot be written to at the moment. @throws Error if they cannot be opened */
  static async open(parts: Parts): Promise<EmbeddedStore> {
    const store = new EmbeddedStore(parts);
    if (parts.fault !== undefined) return store;
    await roomIn(parts.folder, ROOM_BYTES).then(
      () => store.#tryToWrite(),
      (error: unknown) => {
        store.#begin(nameOf(error));
      },
    );
    return store;
  }

  private constructor(private readonly parts: Parts) {
    const { folder, maxEvents, fault, onBroken } = parts;
    const onFault = ({ code }: CommitError) => {
      this.#begin(code);
    };
    const onStored = () => {
      if (this.#trouble !== undefined) this.#end();
    };
    this.#root = openDatabase(folder, { onFault, onStored, onBroken });
    this.#queue = queueOf(this.#root);
    this.#written = this.#root.openDB<Buffer, string>({ name: "written" });
    const shelf = new EventShelf(this.#root, maxEvents);
    this.#ports = {
      records: new LmdbRecords(this.#root, shelf),
      actions: new LmdbActions(this.#root, shelf),
      cases: new LmdbCases(this.#root, shelf),
      evidence: new LmdbEvidence(this.#root),
      people: new LmdbPeople(this.#root),
      tips: new LmdbTips(this.#root, shelf),
      events: new LmdbEventLog(this.#root, shelf),
      deposits: new LmdbDeposits(this.#root),
      webhooks: new LmdbWebhooks(this.#root, shelf),
      channels: new LmdbChannels(this.#root),
    };
    if (fault === undefined) return;
    this.#queue.refuse(new CommitError(fault.code));
    this.#trouble = fault.code;
    this.#probeLater(fault.quietMs);
  }

  /** Code of the current problem. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Runs a verb of a port. @throws DomainError if a change was not stored */
  async ask(port: PortName, verb: string, args: unknown[]): Promise<unknown> {
    try {
      if (this.#isClosed) throw new CommitError("ECLOSED");
      const target = this.#ports[port];
      return (await Reflect.apply(Reflect.get(target, verb) as () => unknown, target, args)) as unknown;
    } catch (error) {
      throw this.#mapError(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const flushed = this.#ports.events.flush().catch(() => undefined);
    const ended = flushed.then(() => this.#queue.end()).then(() => this.#root.close());
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, END_MS).unref())]);
  }

  /** Maps an error to the one that callers get. */
  #mapError(error: unknown): unknown {
    if (error instanceof CommitError) return refusal(error.code);
    const code = codeOfLmdb(error);
    if (code === undefined) return error;
    this.#begin(code);
    this.parts.onBroken(code);
    return refusal(code);
  }

  #begin(code: string): void {
    if (this.#trouble !== undefined || this.#isClosed) return;
    this.#trouble = code;
    this.#triedMs = performance.now();
    this.parts.onTrouble(code);
    this.#probeLater();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#trouble = undefined;
    this.parts.onTrouble(undefined);
  }

  #probeLater(quietMs = 0): void {
    this.#timer = setTimeout(() => void this.#probe(), Math.max(PROBE_MS, quietMs)).unref();
  }

  /** Checks whether the disk has recovered, and tries a write if so. Never rejects. */
  async #probe(): Promise<void> {
    try {
      await roomIn(this.parts.folder, ROOM_BYTES);
      if (this.#resume()) await this.#tryToWrite();
    } catch (error) {
      if (this.#trouble !== undefined) this.#change(nameOf(error));
      if (performance.now() - this.#triedMs >= TRY_ANYWAY_MS) this.#resume();
    }
    if (this.#trouble !== undefined && !this.#isClosed) this.#probeLater();
  }

  #change(code: string): void {
    this.#trouble = code;
    this.parts.onTrouble(code);
  }

  /** @returns false if a commit is still running */
  #resume(): boolean {
    this.#triedMs = performance.now();
    if (this.#isClosed || this.#queue.isBusy) return false;
    this.#queue.resume();
    return true;
  }

  /** Stores some bytes. The queue reports whether that failed. Never rejects. */
  async #tryToWrite(): Promise<void> {
    const change = () => {
      void this.#written.put("piece", Buffer.alloc(PIECE_BYTES));
    };
    await commit(this.#root, change).catch(() => undefined);
  }
}

function codeOfLmdb(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof DomainError) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === "number" || error.message.includes("MDB_") ? nameOf(error) : undefined;
}
