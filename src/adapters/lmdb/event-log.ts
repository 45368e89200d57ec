import type { Database, RootDatabase } from "lmdb";
import {
  type DatedEvent,
  endedByServer,
  type LogEvent,
  type NumberedEvent,
  type ServerEnd,
  spanOf,
} from "../../core/log-event.js";
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

/** How long events wait for others of the same transaction, in milliseconds: each costs a flush of the disk. */
const GATHER_MS = 20;

type SpanKey = [kind: "session" | "match", id: string];

/** The log in an embedded database file. */
export class LmdbEventLog implements EventLog, EventJournal {
  /** How what is open began. */
  readonly #open: Database<DatedEvent, SpanKey>;
  readonly #runs: Database<{ run: string; position: number }, string>;
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

  append(batch: EventBatch): Promise<number> {
    this.#gathered.push(batch);
    this.#storing ??= new Promise((resolve) => setTimeout(resolve, GATHER_MS)).then(() => this.#store());
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
    return commit(this.root, () => batches.reduce((_, batch) => this.#add(batch), 0));
  }

  #add({ run, first, events, nowMs }: EventBatch): number {
    const known = this.#runs.get(RUN);
    if (known !== undefined && known.run !== run) this.#endAll("server_lost", nowMs);
    const position = known?.run === run ? known.position : 0;
    if (first > position + 1) return position;
    const fresh = events.slice(position + 1 - first);
    for (const { event, atMs } of fresh) this.#write(event, atMs);
    const reached = position + fresh.length;
    void this.#runs.put(RUN, { run, position: reached });
    return reached;
  }

  /** Stores an event, unless it is the end of something that is not open. */
  #write(event: LogEvent, atMs: number): void {
    const span = spanOf(event);
    if (span !== undefined) {
      const key: SpanKey = [span.kind, span.id];
      if (this.#open.doesExist(key) === span.begins) return;
      if (span.begins) void this.#open.put(key, { event, atMs });
      else void this.#open.remove(key);
    }
    this.shelf.add(event, atMs);
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
