import { type AppealedBan, type AppealOutcome, banIdOf } from "../core/appeal.js";
import type { Moderator } from "../core/case.js";
import { DomainError } from "../core/errors.js";
import type { BanId, DeviceKey } from "../core/ids.js";
import { limits } from "../core/limits.js";
import type { Clock } from "../ports/clock.js";
import type { AppealStore } from "../ports/moderation-store.js";
import type { Quotas } from "../ports/quotas.js";
import type { Bans } from "./bans.js";
import type { Caller } from "./caller.js";
import type { Identities } from "./identities.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";

const DAY_MS = 24 * 60 * 60_000;

export interface AppealCommand {
  banId: BanId;
  text: string;
  identityToken: string | undefined;
  /** The random key that the browser keeps. */
  deviceKey: string | undefined;
}

interface AppealsDependencies {
  records: AppealStore;
  bans: Pick<Bans, "bansOn" | "networkOf" | "update">;
  identities: Pick<Identities, "identify">;
  /** Derives the key of a browser. */
  deviceKeyOf: (random: string) => DeviceKey;
  quotas: Quotas;
  clock: Clock;
}

/** Takes appeals of those who are banned, and lets moderators decide them. */
export class Appeals {
  constructor(private readonly deps: AppealsDependencies) {}

  /**
   * What can be refused without the store is, so that a flood of appeals costs little.
   * @throws DomainError `ban_unknown`, `appeal_exists`, `limit_reached`, `identity_refused`, `identity_unavailable`
   */
  async appeal(caller: Caller, { banId, text, ...known }: AppealCommand): Promise<void> {
    const { records, bans, clock } = this.deps;
    const subject = await this.#identify(caller, known);
    const ban = bans.bansOn(subject).find((one) => banIdOf(one) === banId);
    if (ban === undefined) refuseUnknown();
    if (ban.appeal !== undefined) refuseSecond();
    await this.#takeQuota(caller);
    const state = await records.fileAppeal(ban, { banId, text, createdMs: clock.nowMs() });
    await bans.update();
    if (state === "unknown") refuseUnknown();
    if (state === "exists") refuseSecond();
  }

  /** Lists the bans with an open appeal, the oldest first. */
  async listOpen(size: number, after = 0): Promise<Page<AppealedBan>> {
    return pageOf(await this.deps.records.openAppeals(after, size), size);
  }

  /** Lists the bans whose appeal was decided, the latest decision first. */
  async listDecided(size: number, before = NEWEST): Promise<Page<AppealedBan>> {
    return pageOf(await this.deps.records.decidedAppeals(before, size), size);
  }

  /** @throws DomainError `appeal_unknown`, `appeal_over` */
  async resolve(banId: BanId, outcome: AppealOutcome, answer: string, by: Moderator): Promise<AppealedBan> {
    const { records, bans, clock } = this.deps;
    const decided = await records.decideAppeal(banId, { outcome, by, answer, decidedMs: clock.nowMs() });
    if (decided.state === "unknown") {
      const message = "ban_id: there is no appeal against such a ban, or it is no longer kept";
      throw new DomainError("appeal_unknown", message, { field: "ban_id" });
    }
    if (decided.state === "over") throw new DomainError("appeal_over", "the appeal was decided, which is final");
    await bans.update();
    return decided.ban;
  }

  /** Whom a caller would be on opening a session. */
  async #identify(caller: Caller, { identityToken, deviceKey }: Pick<AppealCommand, "identityToken" | "deviceKey">) {
    const { identities, deviceKeyOf } = this.deps;
    const person = identityToken === undefined ? undefined : await identities.identify(caller, identityToken);
    const device = deviceKey === undefined ? undefined : deviceKeyOf(deviceKey);
    return { host: caller.host, person: person?.key ?? caller.person, device: caller.device ?? device };
  }

  async #takeQuota({ host }: Caller): Promise<void> {
    const { quotas, bans, clock } = this.deps;
    const network = bans.networkOf(host).levels.at(-1) ?? "";
    const quota = { name: `appeals:${network}`, max: limits.appealsOfNetwork, windowMs: DAY_MS };
    const taking = await quotas.take({ ...quota, nowMs: clock.nowMs() });
    if (taking.state === "taken") return;
    const message = "this network has made as many appeals today as it may";
    throw new DomainError("limit_reached", message, { retryAfterMs: taking.retryAfterMs });
  }
}

function refuseUnknown(): never {
  throw new DomainError("ban_unknown", "ban_id: no such ban is in force on you", { field: "ban_id" });
}

function refuseSecond(): never {
  throw new DomainError("appeal_exists", "somebody has appealed against this ban; there is one appeal for each");
}
