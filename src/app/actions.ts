import { type Action, actionIdOf, type ActionKind, applies, isSameRequest, isUnseen } from "../core/action.js";
import type { Moderator } from "../core/case.js";
import { DomainError } from "../core/errors.js";
import type { ActionId, AddressKey, PersonKey } from "../core/ids.js";
import { limits } from "../core/limits.js";
import { isNetwork, personOf } from "../core/session-key.js";
import type { ActionRecords, NumberedAction } from "../ports/action-store.js";
import type { Clock } from "../ports/clock.js";
import type { Random } from "../ports/random.js";
import type { CrowdLimit } from "./crowd-limit.js";
import type { Enforcement } from "./enforcement.js";
import type { BanTarget } from "./moderation.js";
import { NEWEST, type Page } from "./pagination.js";
import type { People } from "./people.js";
import type { Warnings } from "./warnings.js";

export interface ActionCommand extends Pick<Action, "kind" | "reason" | "statement" | "by"> {
  target: BanTarget;
  durationMs: number;
  /** Whether it may hit any number of people on a network. */
  force: boolean;
  /** Makes a repeated command find the action of the first one; empty for none. */
  requestId: string;
}

export interface ActionFilter {
  /** Empty for all. */
  kinds: readonly ActionKind[];
  /** Undefined for all. */
  target: BanTarget | undefined;
  /** Whether only those in force are listed. */
  inForce: boolean;
}

/** How many actions are read in one step, and the most that one page reads. */
const BATCH_SIZE = 500;
const READ_PER_PAGE = 10_000;
/** The retry delay when no further action fits, in milliseconds. */
const FULL_RETRY_MS = 10 * 60_000;

interface ActionsDependencies {
  actions: ActionRecords;
  enforcement: Pick<Enforcement, "update">;
  warnings: Pick<Warnings, "announce">;
  crowds: Pick<CrowdLimit, "refuse">;
  people: Pick<People, "keyOf" | "subjectsOf">;
  clock: Clock;
  random: Random;
}

/** Lets moderators take, lift and list actions. */
export class Actions {
  constructor(private readonly deps: ActionsDependencies) {}

  /** @throws DomainError `field_invalid`, `network_crowded`, `limit_reached` */
  async take({ target, durationMs, force, requestId, ...said }: ActionCommand): Promise<Action> {
    const { actions, enforcement, warnings, crowds, clock, random } = this.deps;
    const addressKey = this.#keyOf(target);
    if (said.kind === "warn" && isNetwork(addressKey)) {
      const message = "address_key: a warning is for a person or a browser, because one acknowledges it";
      throw new DomainError("field_invalid", message, { field: "address_key" });
    }
    if (!force) await crowds.refuse(addressKey);
    const createdMs = clock.nowMs();
    const id = requestId === "" ? (random.id() as ActionId) : actionIdOf(requestId);
    const action = { id, ...said, addressKey, createdMs, expiresMs: createdMs + durationMs };
    const stored = (await actions.put(action)) ?? refuseFull();
    if (!isSameRequest(stored, action)) refuseOther();
    await enforcement.update(); // first, so that sessions that open from now on are told
    if (isUnseen(stored) && applies(stored, createdMs)) warnings.announce(stored);
    return stored;
  }

  /**
   * @returns the action, and whether it was in force
   * @throws DomainError `action_unknown`
   */
  async lift(id: ActionId, by: Moderator): Promise<{ action: Action; wasInForce: boolean }> {
    const { actions, enforcement, clock } = this.deps;
    const lifted = await actions.lift(id, { liftedMs: clock.nowMs(), by });
    if (lifted === undefined) {
      throw new DomainError("action_unknown", "action_id: there is no such action, or it is no longer stored", {
        field: "action_id",
      });
    }
    await enforcement.update();
    return lifted;
  }

  /** Lists actions, those that changed last first. A page may be short, as it reads at most `READ_PER_PAGE` of them. */
  async list(size: number, before: number | undefined, filter: ActionFilter): Promise<Page<NumberedAction>> {
    const { actions, clock } = this.deps;
    const addressKey = filter.target && this.#keyOf(filter.target);
    const nowMs = clock.nowMs();
    const fits = (action: Action) =>
      (filter.kinds.length === 0 || filter.kinds.includes(action.kind)) && (!filter.inForce || applies(action, nowMs));
    const items: NumberedAction[] = [];
    let from = before ?? NEWEST;
    for (let read = 0; read < READ_PER_PAGE; read += BATCH_SIZE) {
      const batch = await actions.before(from, BATCH_SIZE, addressKey);
      items.push(...batch.filter(fits));
      if (items.length >= size) return { items: items.slice(0, size), before: items[size - 1]?.number };
      const last = batch.at(-1);
      if (last === undefined || batch.length < BATCH_SIZE) return { items, before: undefined };
      from = last.number;
    }
    return { items, before: from };
  }

  /** Returns the subjects of the people that actions are about. */
  subjectsOf(actions: readonly Action[]): Promise<ReadonlyMap<PersonKey, string>> {
    return this.deps.people.subjectsOf(actions.flatMap(({ addressKey }) => personOf(addressKey) ?? []));
  }

  #keyOf(target: BanTarget): AddressKey {
    return "subject" in target ? this.deps.people.keyOf(target.subject) : target.addressKey;
  }
}

function refuseOther(): never {
  const message = "request_id: it was sent before, with another action; choose a new one";
  throw new DomainError("field_invalid", message, { field: "request_id" });
}

function refuseFull(): never {
  const message = `${String(limits.keptActions)} actions are stored, which is the limit; they are dropped 90 days after their end`;
  throw new DomainError("limit_reached", message, { retryAfterMs: FULL_RETRY_MS });
}
