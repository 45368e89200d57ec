import type { AddressKey, Epoch, SessionId, TicketId } from "../../src/core/ids.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { issueTicket } from "../../src/core/ticket.js";
import type { Stores } from "../contract/lobby-harness.js";

/** Sessions that all reported each other and wait with ten interests and five languages, so that none fits another. */
export class HostileCrowd {
  nowMs = 1_800_000_000_000;
  #ids = 0;

  private constructor(
    private readonly stores: Stores,
    readonly names: readonly string[],
  ) {}

  static async gather(stores: Stores, size: number): Promise<HostileCrowd> {
    const names = Array.from({ length: size }, (_, index) => `pest-${String(index)}`);
    const crowd = new HostileCrowd(stores, names);
    for (const name of names) await crowd.enter(name);
    for (const [index, first] of names.entries()) {
      for (const [distance, second] of names.slice(index + 1).entries()) {
        // No session may make or receive a hundred reports.
        const [reporter, reported] = distance % 2 === 0 ? [first, second] : [second, first];
        const only = { interests: [`${first} ${second}`], languages: [] };
        await crowd.match(reported, only);
        const pairing = await crowd.match(reporter, only);
        if (pairing.state !== "matched") throw new Error(`expected a match, got ${pairing.state}`);
        await stores.lobby.report({ sessionId: reporter as SessionId, matchId: pairing.matchId, nowMs: crowd.nowMs });
      }
    }
    return crowd;
  }

  /** With a stream: a node closes the sessions that have none. */
  async enter(name: string, network = `net-${name}`): Promise<void> {
    const [sessionId, epoch, addressKey] = [name as SessionId, "e" as Epoch, network as AddressKey];
    const session = { sessionId, epoch, addressKey, nowMs: this.nowMs, maxSessions: 10_000, quotas: [] };
    await this.stores.lobby.open(session);
    this.stores.mailbox.watch(sessionId, () => undefined);
  }

  match(name: string, preferences = HostileCrowd.wish, rematch = false) {
    const sessionId = name as SessionId;
    const wish = { preferences: { ...preferences, relayOnly: false }, rematch };
    const ticket = issueTicket(
      `t${String(++this.#ids)}` as TicketId,
      sessionId,
      wish,
      ++this.nowMs,
      defaultSchema(5_000),
    );
    return this.stores.lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs: this.nowMs });
  }

  leave(name: string) {
    return this.stores.lobby.leave({ sessionId: name as SessionId, nowMs: this.nowMs });
  }

  /** All of them wait with the same preferences. */
  static readonly wish: { interests: string[]; languages: string[] } = {
    interests: Array.from({ length: 10 }, (_, index) => `interest ${String(index)}`),
    languages: ["de", "en", "es", "fr", "it"],
  };
}
