import type { Profile } from "../../core/identity.js";
import type { Epoch, MatchId, NetworkKey, PersonKey, SessionId } from "../../core/ids.js";
import type { Role } from "../../core/match.js";
import { partyOf } from "../../core/session-key.js";
import type {
  Departure,
  Guests,
  Hosted,
  Reception,
  Reservation,
  ReservationRequest,
  Stay,
  Stray,
  Traveller,
  Visit,
  Whereabouts,
} from "../../ports/guests.js";
import type { ScriptRunner } from "./script-runner.js";

type StayAnswer = [role: Role, generation: number | string, epoch: Epoch, afterSequence: number];
type TravellerAnswer = [
  sessionId: SessionId,
  addressKey: NetworkKey,
  profile: string,
  blocked: string,
  ticket: string,
  round: string,
  since: string,
  softSince: string,
];

/** The guests of a realm that nodes share. Each verb is one script. */
export class RedisGuests implements Guests {
  constructor(
    private readonly store: ScriptRunner,
    private readonly node: string,
  ) {}

  async reserve({ waitedMs, untilMs, limit, nowMs }: ReservationRequest): Promise<Reservation[]> {
    const answer = (await this.store.run("reserve", nowMs - waitedMs, untilMs, limit)) as (MatchId | TravellerAnswer)[];
    const reservations: Reservation[] = [];
    for (let index = 0; index < answer.length; index += 2) {
      const [matchId, traveller] = answer.slice(index) as [MatchId, TravellerAnswer];
      reservations.push({ matchId, traveller: toTraveller(traveller, nowMs) });
    }
    return reservations;
  }

  async release({ sessionId, matchId, nowMs }: Parameters<Guests["release"]>[0]): Promise<void> {
    await this.store.run("unreserve", sessionId, matchId, nowMs);
  }

  async visit(visit: Visit): Promise<Hosted | { state: "nobody" }> {
    const args = this.#guest(visit, visit.traveller.round);
    type Answer = ["nobody"] | ["hosted", StayAnswer, TravellerAnswer];
    const [state, stay, partner] = (await this.store.run("visit", ...args)) as Answer;
    if (state === "nobody") return { state };
    return { state, stay: toStay(stay), partner: toTraveller(partner, visit.nowMs) };
  }

  async receive(reception: Reception): Promise<Stay | { state: "lapsed" }> {
    const { sessionId, matchId, other } = reception;
    const args = [...this.#guest(reception, sessionId), matchId, JSON.stringify(other)];
    const [state, stay] = (await this.store.run("receive", ...args)) as ["lapsed"] | ["staying", StayAnswer];
    return state === "lapsed" ? { state } : toStay(stay);
  }

  async depart({ guestId, matchId, cause, initiator, nowMs }: Departure): Promise<void> {
    await this.store.run("depart", guestId, matchId, cause, initiator, nowMs);
  }

  async takeOver({ guestId, matchId, nowMs }: Parameters<Guests["takeOver"]>[0]): Promise<Stay | { state: "unknown" }> {
    const answer = await this.store.run("take_over", guestId, matchId, this.node, nowMs);
    const [state, stay] = answer as ["unknown"] | ["staying", StayAnswer];
    return state === "unknown" ? { state } : toStay(stay);
  }

  async strays({ limit, untilMs, nowMs }: Parameters<Guests["strays"]>[0]): Promise<Stray[]> {
    const answer = (await this.store.run("strays", limit, untilMs, nowMs)) as string[];
    const found: Stray[] = [];
    for (let index = 0; index < answer.length; index += 3) {
      const [guestId, matchId, other] = answer.slice(index) as [SessionId, MatchId, string];
      found.push({ guestId, matchId, other: JSON.parse(other) as Whereabouts });
    }
    return found;
  }

  async handOver({ guestIds }: { guestIds: readonly SessionId[] }): Promise<void> {
    await this.store.run("hand_over", ...guestIds);
  }

  /** @param ninth the argument after the ticket: its round, or whom the guest is for */
  #guest({ guestId, epoch, traveller, nowMs }: Visit, ninth: string | number): (string | number)[] {
    const { addressKey, profile, blocked, ticket, waitedMs, softWaitedMs } = traveller;
    const said = profile === undefined ? "" : JSON.stringify(profile);
    const about = [addressKey, partyOf(addressKey) ?? "", said, blocked.join(" "), ticket];
    return [guestId, epoch, this.node, ...about, ninth, nowMs - waitedMs, nowMs - softWaitedMs, nowMs];
  }
}

function toStay([role, generation, epoch, afterSequence]: StayAnswer): Stay {
  return { state: "staying", role, generation: Number(generation), epoch, afterSequence };
}

/** Times become durations, as the clocks of realms differ. */
function toTraveller(answer: TravellerAnswer, nowMs: number): Traveller {
  const [sessionId, addressKey, profile, blocked, ticket, round, since, softSince] = answer;
  return {
    sessionId,
    addressKey,
    profile: profile === "" ? undefined : (JSON.parse(profile) as Profile),
    blocked: blocked.split(" ").filter((key) => key !== "") as PersonKey[],
    ticket,
    round: Number(round),
    waitedMs: nowMs - Number(since),
    softWaitedMs: nowMs - Number(softSince),
  };
}
