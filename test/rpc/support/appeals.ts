import { randomBytes } from "node:crypto";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect } from "vitest";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { AnswerService } from "../../../gen/satoshigle/v1/answer_pb.js";
import { addressKeys } from "../../../src/core/address-key.js";
import { deviceKeys } from "../../../src/core/session-key.js";
import { appSecret } from "../../support/app-keys.js";
import { roomy } from "../../support/pair.js";
import { readRefusal } from "../../support/refusal.js";
import type { TestServer } from "../../support/server.js";
import { type Resume, TestClient } from "../../support/test-client.js";
import { behindProxy, transportFrom } from "./networks.js";

const SECRET = "s".repeat(32);
/** The variables of a server on which people, browsers and networks are banned. */
export const variables = {
  ...{ ...roomy, ...behindProxy, IDENTITY_SECRET: appSecret, SESSION_SECRET: SECRET },
  BAN_AFTER_REPORTS: "3",
};

let made = 0;
/** An address on a network of its own. */
export const somewhere = () => `10.${String(++made)}.${String(made)}.1`;
export const newDevice = () => randomBytes(16).toString("base64url");
export const keyOfDevice = deviceKeys(SECRET);
export const keysAt = (address: string) => addressKeys(SECRET).networkOf(address).levels;
export const byAnn = { headers: { "x-satoshigle-moderator": "ann" } };
export const aDay = { duration: { seconds: 86_400n } };

export type Who = Pick<Resume, "deviceKey" | "identityToken">;

export const deskOf = (server: TestServer) =>
  createClient(ModerationService, createGrpcTransport({ baseUrl: server.internalUrl }));

/** Appeals against a ban, as a caller at an address. */
export function appeal(server: TestServer, address: string, banId = "", who: Who = {}, text = "it was not me") {
  return createClient(AnswerService, transportFrom(server, address)).appeal({ banId, text, ...who });
}

export const enter = (server: TestServer, address: string, who: Who = {}) =>
  TestClient.open(transportFrom(server, address), who);

/** The metadata of the error with which a banned caller is refused. */
export async function banAt(server: TestServer, address: string, who: Who = {}): Promise<Record<string, string>> {
  const error = await enter(server, address, who).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectError)) throw new Error("the caller was let in");
  expect(readRefusal(error)).toMatchObject({ code: "PermissionDenied", reason: "BANNED" });
  return error.findDetails(ErrorInfoSchema)[0]?.metadata ?? {};
}
