import { shareOf } from "../core/address.js";
import { DomainError } from "../core/errors.js";
import { effortOf, type Heat, heated, levelAt } from "../core/heat.js";
import type { AddressKey } from "../core/ids.js";
import { limits } from "../core/limits.js";
import type { ChallengeMaker, SolutionProblem } from "../ports/challenge.js";
import type { Clock } from "../ports/clock.js";
import type { ChallengeMeter } from "../ports/meter.js";
import type { SpentStore } from "../ports/spent-store.js";
import type { Bans } from "./bans.js";

export interface ChallengeSettings {
  /** New sessions in a minute, on this instance, beyond which each needs a solution: of one network, and of all. */
  afterNetwork: number;
  afterAll: number;
}

interface ChallengesDependencies {
  maker: ChallengeMaker;
  spent: SpentStore;
  bans: Pick<Bans, "networkOf">;
  clock: Clock;
  meter: ChallengeMeter;
  /** Undefined if new sessions need no solution. */
  settings: ChallengeSettings | undefined;
}

/** Why a session is refused: `missing` if there was no solution. */
type Problem = SolutionProblem | "missing" | "spent";

/** How long a client waits if no further solution can be remembered, in milliseconds. */
const FULL_RETRY_MS = 10_000;

/** Lets new sessions cost work while many are opened. */
export class Challenges {
  /** By network, the one that was heated longest ago first. */
  readonly #networks = new Map<AddressKey, Heat>();
  #all: Heat | undefined;

  constructor(private readonly deps: ChallengesDependencies) {}

  /**
   * Admits a new session, and counts it.
   * @throws DomainError `challenge` with a new challenge if its network or the realm is hot and the solution is not
   * valid, `limit_reached`
   */
  async admit(host: string, solution: string | undefined): Promise<void> {
    const { bans, clock, settings } = this.deps;
    if (settings === undefined) return;
    const { levels } = bans.networkOf(host);
    const nowMs = clock.nowMs();
    const effort = this.#effort(levels, settings, nowMs);
    if (effort > 0) await this.#demand(levels[0] ?? ("" as AddressKey), effort, solution);
    this.#heat(levels, clock.nowMs());
  }

  /** How much work a new session takes now: 0 for none. */
  #effort(levels: readonly AddressKey[], { afterNetwork, afterAll }: ChallengeSettings, nowMs: number): number {
    const ofNetworks = levels.map((key, step) =>
      effortOf(levelAt(this.#networks.get(key), nowMs), shareOf(step, afterNetwork)),
    );
    return Math.max(effortOf(levelAt(this.#all, nowMs), afterAll), ...ofNetworks);
  }

  async #demand(network: AddressKey, effort: number, solution: string | undefined): Promise<void> {
    const { meter } = this.deps;
    const problem = solution === undefined ? "missing" : await this.#use(solution, network);
    if (problem === undefined) {
      meter.challenged("solved");
      return;
    }
    if (problem !== "missing") meter.challenged("refused");
    const challenge = await this.deps.maker.create({ network, effort, nowMs: this.deps.clock.nowMs() });
    meter.challenged("issued");
    throw new DomainError("challenge", `many sessions are opened now: ${explanations[problem]}`, {
      ...(problem !== "missing" && { problem, field: "proof" }),
      challenge,
    });
  }

  /** Uses a solution up. Returns what is wrong with it. */
  async #use(solution: string, network: AddressKey): Promise<Problem | undefined> {
    const { maker, spent, clock } = this.deps;
    const verdict = maker.verify(solution, network, clock.nowMs());
    if (verdict.state === "refused") return verdict.problem;
    const { id, expiresMs } = verdict;
    const use = await spent.spend({ id, expiresMs, nowMs: clock.nowMs() });
    if (use === "full") {
      throw new DomainError("limit_reached", "too many sessions are opened; try again soon", {
        problem: "overload",
        retryAfterMs: FULL_RETRY_MS,
      });
    }
    return use === "spent" ? "spent" : undefined;
  }

  #heat(levels: readonly AddressKey[], nowMs: number): void {
    this.#all = heated(this.#all, nowMs);
    for (const key of levels) {
      const heat = heated(this.#networks.get(key), nowMs);
      this.#networks.delete(key);
      this.#networks.set(key, heat);
    }
    this.#forget(nowMs);
  }

  /** Forgets networks that are cold, and beyond the limit the ones that were heated longest ago. */
  #forget(nowMs: number): void {
    for (const [key, heat] of this.#networks) {
      if (this.#networks.size <= limits.heatedNetworks && levelAt(heat, nowMs) >= COLD) return;
      this.#networks.delete(key);
    }
  }
}

/** The level below which a network is forgotten. */
const COLD = 0.01;

const explanations: Record<Problem, string> = {
  missing: "solve the challenge in the error's metadata, and send its solution as `proof`",
  malformed: "`proof` must be a payload of ALTCHA's protocol, version 2, in base64",
  forged: "`proof` is about a challenge that this network did not get",
  expired: "`proof` must arrive within two minutes after the challenge was issued",
  wrong: "`proof` does not solve its challenge",
  spent: "`proof` was used before: each opens one session",
};
