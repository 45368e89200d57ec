import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect } from "vitest";
import { CaseState } from "../../gen/satoshigle/internal/v1/case_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { fillQueue } from "../support/queue-of-cases.js";
import { RedisServer } from "../support/redis.js";
import { freePort } from "../support/ports.js";
import { readRefusal } from "../support/refusal.js";
import { redisFixture } from "../support/store-fixture.js";
import { it } from "./support/cluster-fixture.js";
import { clusterVariables } from "./support/fleet.js";

const RACES = 10;
const MODERATORS = ["ann", "bob", "cyd"];

it("of moderators who claim a case on two instances at once, one gets it, and the others are told who", async ({
  fixture,
}) => {
  const redis = await fixture.keep(RedisServer.start());
  const stores = await fixture.keep(redisFixture([redis.url], clusterVariables.REALM).open());
  const variables = { ...clusterVariables, REDIS_URL: redis.url };
  const start = async () => {
    const internalPort = String(await freePort());
    await fixture.keep(ServerProcess.start({ ...variables, INTERNAL_PORT: internalPort }));
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${internalPort}` });
    return createClient(ModerationService, transport);
  };
  const first = await start();
  const instances = [first, await start()];
  await fillQueue(stores, { cases: 4 * RACES, reports: 4 * RACES });
  const { cases } = await first.listCases({ state: CaseState.OPEN, pageSize: RACES });
  expect(cases).toHaveLength(RACES);

  for (const { caseId } of cases) {
    const claims = instances.flatMap((desk, instance) =>
      MODERATORS.map(async (name) => {
        const moderator = `${name}-${String(instance)}`;
        const claim = desk.claimCase({ caseId }, { headers: { "x-satoshigle-moderator": moderator } });
        return claim.then(
          (answer) => ({ moderator, holder: answer.record?.moderator, refusal: undefined }),
          (error: unknown) => ({ moderator, holder: undefined, refusal: readRefusal(error) }),
        );
      }),
    );
    const answers = await Promise.all(claims);
    const winners = answers.filter(({ refusal }) => refusal === undefined);
    expect(winners).toHaveLength(1);
    const winner = winners[0]?.moderator ?? "";
    expect(winners[0]?.holder).toBe(winner);
    for (const { refusal } of answers) {
      if (refusal === undefined) continue;
      expect(refusal).toMatchObject({ reason: "CASE_TAKEN", message: expect.stringContaining(winner) as string });
    }
    for (const desk of instances) {
      expect((await desk.getCase({ caseId })).record).toMatchObject({ moderator: winner });
    }
  }
});
