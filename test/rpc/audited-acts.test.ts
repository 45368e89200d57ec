import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminService } from "../../gen/satoshigle/internal/v1/admin_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { PeopleService } from "../../gen/satoshigle/internal/v1/people_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { roomy } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";

const ABSENT = "A".repeat(22);
const SUBJECT = "ann the 1207th";
const OTHER = "bob the 1208th";

let redis: RedisServer;
let servers: Record<"standalone" | "redis", TestServer>;
beforeAll(async () => {
  redis = await RedisServer.start();
  const variables = { ...roomy, IDENTITY_SECRET: appSecret };
  servers = {
    standalone: await startServer(variables),
    redis: await startServer({
      ...variables,
      REDIS_ENABLED: "true",
      REDIS_URL: redis.url,
      SESSION_SECRET: "s".repeat(32),
    }),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(servers).map((server) => server.close()));
  await redis.close();
});

describe.each(["standalone", "redis"] as const)("the audit log of a %s server", (name) => {
  let server: TestServer;
  let moderation: Client<typeof ModerationService>;
  let admin: Client<typeof AdminService>;
  let people: Client<typeof PeopleService>;
  beforeAll(() => {
    server = servers[name];
    const transport = createGrpcTransport({ baseUrl: server.internalUrl });
    moderation = createClient(ModerationService, transport);
    admin = createClient(AdminService, transport);
    people = createClient(PeopleService, transport);
  });

  const as = (moderator: string) => ({ headers: { "x-satoshigle-moderator": moderator } });
  const logged = async (pageSize: number) => {
    const { entries } = await moderation.listAudit({ pageSize });
    return entries.map(({ act, moderator, detail }) => [act, moderator, detail]);
  };

  it("says who closed a session and ended a match, also one that was over", async () => {
    const client = await TestClient.open(transportTo(server.url));
    const { sessionId } = client.welcome;
    expect(await admin.closeSession({ sessionId }, as("mo"))).toMatchObject({ closed: true });
    expect(await admin.closeSession({ sessionId })).toMatchObject({ closed: false });
    expect(await admin.endMatch({ matchId: ABSENT }, as("ada"))).toMatchObject({ ended: false });
    expect(await logged(3)).toEqual([
      ["match_ended", "ada", ABSENT],
      ["session_closed", "(unnamed)", sessionId],
      ["session_closed", "mo", sessionId],
    ]);
  });

  it("says what was done to people by their keys, and contains no subject of a forgotten person", async () => {
    const client = await TestClient.open(transportTo(server.url), {
      identityToken: await identityToken({ sub: SUBJECT }),
    });
    await people.block({ subject: SUBJECT, otherSubject: OTHER }, as("mo"));
    const { person, blocked } = await people.getPerson({ subject: SUBJECT });
    const [ann, bob] = [person?.personKey, blocked[0]?.personKey];
    expect(ann).toMatch(/^~[\w-]{22}$/);
    await people.unblock({ subject: SUBJECT, otherSubject: OTHER }, as("mo"));
    expect(await people.closeSessions({ subject: SUBJECT }, as("mo"))).toMatchObject({ closedCount: 1 });
    await client.until("sessionClosed");
    await people.revokeTokens({ subject: SUBJECT }, as("mo"));
    expect(await people.forget({ subject: SUBJECT })).toMatchObject({ wasStored: true });
    expect(await logged(5)).toEqual([
      ["person_forgotten", "(unnamed)", ann],
      ["tokens_revoked", "mo", ann],
      ["sessions_closed", "mo", ann],
      ["person_unblocked", "mo", `${String(ann)} ${String(bob)}`],
      ["person_blocked", "mo", `${String(ann)} ${String(bob)}`],
    ]);
    const { entries } = await moderation.listAudit({ pageSize: 500 });
    const log = JSON.stringify(entries, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    for (const subject of [SUBJECT, OTHER]) expect(log).not.toContain(subject);
  });

  it("contains nothing of an act that is refused", async () => {
    const before = await logged(1);
    await expect(people.block({ subject: SUBJECT, otherSubject: SUBJECT }, as("mo"))).rejects.toThrow();
    await expect(people.forget({ subject: SUBJECT }, as("a name with spaces"))).rejects.toThrow();
    expect(await logged(1)).toEqual(before);
  });
});
