import { DomainError } from "../core/errors.js";
import type { AddressKey } from "../core/ids.js";
import { isNetwork } from "../core/session-key.js";
import type { Roster } from "../ports/roster.js";
import { NEWEST } from "./pagination.js";

/** How many sessions are read in one step, and how many at most. */
const BATCH_SIZE = 500;
const MAX_SESSIONS = 2_000;

/** Keeps actions from networks on which many people are connected, such as those of mobile carriers. */
export class CrowdLimit {
  /** @param max how many connected people an action on a network may hit */
  constructor(
    private readonly roster: Pick<Roster, "sessions">,
    private readonly max: number,
  ) {}

  /** @throws DomainError `network_crowded` for the key of a network on which more people are connected */
  async refuse(addressKey: AddressKey): Promise<void> {
    if (!isNetwork(addressKey)) return;
    const { people, isComplete } = await this.#count(addressKey);
    if (people <= this.max) return;
    const count = `${isComplete ? "" : "at least "}${String(people)}`;
    const message = `${count} people are connected on this network, more than ${String(this.max)}; set force to hit them all`;
    throw new DomainError("network_crowded", message, { problem: String(people) });
  }

  /** Counts the people who are connected; a session without a person is one. */
  async #count(addressKey: AddressKey): Promise<{ people: number; isComplete: boolean }> {
    const people = new Set<string>();
    let before = NEWEST;
    for (let read = 0; read < MAX_SESSIONS; read += BATCH_SIZE) {
      const sessions = await this.roster.sessions({ before, limit: BATCH_SIZE, addressKey });
      for (const { attached, personKey, sessionId } of sessions) if (attached) people.add(personKey || sessionId);
      const last = sessions.at(-1);
      if (last === undefined || sessions.length < BATCH_SIZE) return { people: people.size, isComplete: true };
      before = last.number;
    }
    return { people: people.size, isComplete: false };
  }
}
