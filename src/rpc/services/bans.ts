import type { ServiceImpl } from "@connectrpc/connect";
import { AppealState } from "../../../gen/satoshigle/internal/v1/appeal_pb.js";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import type { Appeals } from "../../app/appeals.js";
import type { Moderation } from "../../app/moderation.js";
import type { Ban } from "../../core/ban.js";
import type { BanId } from "../../core/ids.js";
import type { Operators } from "../../ports/operators.js";
import { parseAppealOutcome } from "../codec/appeals.js";
import { toToken } from "../codec/page-token.js";
import { parseBan, parseBanTarget, parsePage } from "../codec/parse-internal.js";
import type { renderBan } from "../codec/render-records.js";
import { actorOf } from "./actor.js";

type Service = ServiceImpl<typeof ModerationService>;
type AboutBans = Pick<Service, "ban" | "unban" | "listBans">;
type AboutAppeals = Pick<Service, "listAppeals" | "resolveAppeal">;

interface BanDesk {
  moderation: Moderation;
  appeals: Appeals;
  operators: Operators;
}

type RenderBans = (...bans: Ban[]) => Promise<ReturnType<typeof renderBan>[]>;

/** The methods of `ModerationService` that are about bans and the appeals against them. */
export function banMethods(desk: BanDesk, renderBans: RenderBans): AboutBans & AboutAppeals {
  return { ...methodsOfBans(desk, renderBans), ...methodsOfAppeals(desk, renderBans) };
}

function methodsOfBans({ moderation, operators }: BanDesk, renderBans: RenderBans): AboutBans {
  return {
    async ban(request, context) {
      const by = actorOf(operators, context);
      const [ban] = await renderBans(await moderation.ban(parseBan(request, by)));
      return { ban };
    },

    async unban(request, context) {
      const by = actorOf(operators, context);
      return { wasBanned: await moderation.unban(parseBanTarget(request), by) };
    },

    async listBans(request) {
      const { size, before } = parsePage("bans", request);
      const page = await moderation.listBans(size, before);
      return { bans: await renderBans(...page.items), nextPageToken: toToken("bans", page.before) };
    },
  };
}

function methodsOfAppeals({ appeals, operators }: BanDesk, renderBans: RenderBans): AboutAppeals {
  return {
    async listAppeals(request) {
      const isDecided = request.state === AppealState.DECIDED;
      const listing = isDecided ? "decidedAppeals" : "openAppeals";
      const { size, before: place } = parsePage(listing, request);
      const page = await (isDecided ? appeals.listDecided(size, place) : appeals.listOpen(size, place));
      return { bans: await renderBans(...page.items), nextPageToken: toToken(listing, page.before) };
    },

    async resolveAppeal({ banId, outcome, answer }, context) {
      const by = actorOf(operators, context);
      const ban = await appeals.resolve(banId as BanId, parseAppealOutcome(outcome), answer, by);
      return { ban: (await renderBans(ban))[0] };
    },
  };
}
