import type { Database, RootDatabase } from "lmdb";
import { type DatedEvent, endedByServer, type NumberedEvent, type ServerEnd, spanOf } from "../../core/log-event.js";
import type { EventLog } from "../../ports/event-log.js";
import { commit } from "./database.js";
import { EventShelf } from "./event-shelf.js";

/** Events of a run of a server. Their positions count from 1 with each run. */
export interface EventBatch {
  run: string;
  /** The position of the first event. */
  first: number;
  events: readonly DatedEvent[];
  nowMs: number;
}

/** Where the events of a lobby in memory are stored. */
export interface EventJournal {
  /**
   * Stores the events of a batch that continue after the last stored position of its run, each once. A new run means
   * that the server of the one before was killed: what it left open ends with `server_lost`.
   * @returns the last stored position
   */
  append(batch: EventBatch): Promise<number>;
  /** Ends what is open, because the server stops. */
  finish(nowMs: number): Promise<void>;
}

/** A run of a server, and the position of its last stored event. */
interface Run {
  run: string;
  position: number;
}

type SpanKey = [kind: "session" | "match", id: string];

/** The log in an embedded database file. */
export class LmdbEventLog implements EventLog, EventJournal {
  /** How what is open began. */
  readonly #open: Database<DatedEvent, SpanKey>;
  readonly #runs: Database<Run, string>;
  #gathered: EventBatch[] = [];
  #storing: Promise<number> | undefined;

  constructor(
    private readonly root: RootDatabase,
    private readonly shelf = new EventShelf(root),
  ) {
    this.#open = root.openDB({ name: "open-spans" });
    this.#runs = root.openDB({ name: "event-runs" });
  }

  after(number: number, limit: number): ReturnType<EventLog["after"]> {
    return Promise.resolve(this.shelf.after(number, limit));
  }

  before(number: number, limit: number): Promise<NumberedEvent[]> {
    return Promise.resolve(this.shelf.before(number, limit));
  }

  last(): Promise<number> {
    return Promise.resolve(this.shelf.lastNumber);
  }

  prune({ beforeMs, limit }: Parameters<EventLog["prune"]>[0]): Promise<boolean> {
    return commit(this.root, () => this.shelf.prune(beforeMs, limit));
  }

  /** Stores what arrives together in one transaction. */
  append(batch: EventBatch): Promise<number> {
    this.#gathered.push(batch);
    this.#storing ??= new Promise((resolve) => setImmediate(resolve)).then(() => this.#store());
    return this.#storing;
  }

  /** Stores what was gathered without further delay. */
  async flush(): Promise<void> {
    if (this.#gathered.length > 0) await this.#store();
  }

  finish(nowMs: number): Promise<void> {
    return commit(this.root, () => {
      this.#endAll("server_stopped", nowMs);
    });
  }

  #store(): Promise<number> {
    const batches = this.#gathered;
    this.#gathered = [];
    this.#storing = undefined;
    return commit(this.root, () => this.#addAll(batches));
  }

  /** @returns the last stored position of the run of the last batch */
  #addAll(batches: readonly EventBatch[]): number {
    const before = this.#runs.get(RUN);
    const fresh: DatedEvent[] = [];
    let last = before;
    for (const { run, first, events, nowMs } of batches) {
      if (last !== undefined && last.run !== run) {
        this.shelf.addAll(fresh.splice(0));
        this.#endAll("server_lost", nowMs);
      }
      const position = last?.run === run ? last.position : 0;
      const next = first > position + 1 ? [] : events.slice(position + 1 - first);
      for (const dated of next) if (this.#follow(dated)) fresh.push(dated);
      last = { run, position: position + next.length };
    }
    this.shelf.addAll(fresh);
    if (last !== undefined && last !== before) void this.#runs.put(RUN, last);
    return last?.position ?? 0;
  }

  /** Tracks which sessions and matches are open. @returns false for an event to ignore: a second beginning, or an end without one */
  #follow(dated: DatedEvent): boolean {
    const span = spanOf(dated.event);
    if (span === undefined) return true;
    const key: SpanKey = [span.kind, span.id];
    if (this.#open.doesExist(key) === span.begins) return false;
    if (span.begins) void this.#open.put(key, dated);
    else void this.#open.remove(key);
    return true;
  }

  /** Ends what is open, matches first. It lasted at least until the last event that was stored. */
  #endAll(reason: ServerEnd, nowMs: number): void {
    const untilMs = reason === "server_lost" ? (this.shelf.lastMs ?? nowMs) : nowMs;
    for (const { key, value } of [...this.#open.getRange()]) {
      const ended = endedByServer(value.event, reason, Math.max(0, untilMs - value.atMs));
      void this.#open.remove(key);
      if (ended !== undefined) this.shelf.add(ended, nowMs);
    }
  }
}

/** The key of the only entry. */
const RUN = "last";
