import type { LogEvent, NumberedEvent } from "../../core/log-event.js";
import type { EventLog } from "../../ports/event-log.js";
import { chunk } from "./chunk.js";
import type { ScriptRunner } from "./script-runner.js";

/** An event, and the number of the one before it. */
type Entry = NumberedEvent & { before: number };

/** The log of a realm in Redis. The scripts of all verbs append to it. Its bound is not exact: Redis drops in blocks. */
export class RedisEventLog implements EventLog {
  constructor(private readonly store: ScriptRunner) {}

  async after(number: number, limit: number): ReturnType<EventLog["after"]> {
    const { last, entries } = await this.#list("after", number, limit);
    const before = entries[0]?.before ?? last;
    return { events: entries.map(withoutBefore), isComplete: number === 0 || before <= number };
  }

  async before(number: number, limit: number): Promise<NumberedEvent[]> {
    return (await this.#list("before", number, limit)).entries.map(withoutBefore);
  }

  async last(): Promise<number> {
    return (await this.#list("after", 0, 0)).last;
  }

  async prune({ beforeMs, limit }: Parameters<EventLog["prune"]>[0]): Promise<boolean> {
    return (await this.store.run("prune_events", beforeMs, limit)) === 1;
  }

  async #list(side: "after" | "before", number: number, limit: number): Promise<{ last: number; entries: Entry[] }> {
    const [last = "0", ...found] = (await this.store.run("list_events", side, number, limit)) as string[];
    return { last: Number(last), entries: chunk(found, 4).map(toEntry) };
  }
}

function toEntry([number, event = "", atMs, before]: string[]): Entry {
  const dated = { event: JSON.parse(event) as LogEvent, atMs: Number(atMs) };
  return { number: Number(number), ...dated, before: Number(before) };
}

function withoutBefore({ number, event, atMs }: Entry): NumberedEvent {
  return { number, event, atMs };
}
