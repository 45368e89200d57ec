import { randomUUID } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { AnswerService } from "../../../gen/satoshigle/v1/answer_pb.js";
import { identityToken } from "../../support/app-keys.js";
import { transportTo } from "../../support/test-client.js";
import type { ConsoleSite } from "./console-site.js";

const A_DAY = { seconds: 86_400n };

/** Bans a person that is stored, who appeals. Returns the ID of the ban. */
export async function appealTo(site: ConsoleSite, text: string, subject: string = randomUUID(), told = {}) {
  await (await site.enter(subject)).break();
  const { ban } = await site.moderation.ban({ subject, duration: A_DAY, ...told });
  const banId = ban?.banId ?? "";
  const token = await identityToken({ sub: subject });
  await createClient(AnswerService, transportTo(site.server.url)).appeal({ banId, text, identityToken: token });
  return banId;
}
