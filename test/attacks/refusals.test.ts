import type { DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, it } from "vitest";
import { AnswerService } from "../../gen/satoshigle/v1/answer_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { SessionId } from "../../src/core/ids.js";
import { signToken } from "../../src/core/token.js";
import { decode } from "../../src/rpc/codec/decode.js";
import { validate } from "../../src/rpc/interceptors/validate.js";
import { Costs } from "./support/costs.js";
import { callOf, expectCheap, measure, print, speeches, type TableCall } from "./support/refusal-table.js";
import { internalServices, publicServices } from "./support/services.js";
import { Target } from "./support/target.js";
import { type WorstBody, worstBodies } from "./support/worst-bodies.js";

const SECRET = "a secret of at least 32 characters";
const CALLS = 10;

const methodsOf = (services: DescService[]) => services.flatMap(({ methods }) => methods);
const open = methodsOf(publicServices);
/** Those that callers without a session may use. */
const withoutToken = new Set<DescMethod>([SignalService.method.signal, AnswerService.method.appeal]);
/** Methods that stream their requests are decoded message by message. */
const internal = methodsOf(internalServices).filter(({ methodKind }) => methodKind !== "bidi_streaming");

let target: Target;
let strict: Target;
beforeAll(async () => {
  const variables = { SESSION_SECRET: SECRET, MAX_LOOP_DELAY_MS: "10000", RATE_LIMIT_WINDOW_MS: "3600000" };
  target = await Target.start({ ...variables, RATE_LIMIT_MAX_REQUESTS: "1000000" });
  strict = await Target.start({ ...variables, RATE_LIMIT_MAX_REQUESTS: "1" });
});
afterAll(() => Promise.all([target.close(), strict.close()]));

const forged = `${signToken(SECRET, "somebody" as SessionId).slice(0, -1)}_`;
const genuine = signToken(SECRET, "nobody" as SessionId);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/**
 * The bodies that take longest to parse here are measured there. A valid request is refused by the use case, at the
 * cost of a served call; in a protocol that the library serves, at the library's cost.
 */
function dearest({ input }: DescMethod, servedToo: boolean): WorstBody[] {
  const timed = worstBodies(input)
    .filter((body) => servedToo || isBad(input, body))
    .map((body) => ({ body, ms: Math.min(...Array.from({ length: 8 }, () => timeOf(input, body))) }));
  return timed
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, 3)
    .map(({ body }) => body);
}

function isBad(input: DescMessage, { isBinary, bytes }: WorstBody): boolean {
  try {
    validate(input, decode(input, isBinary, bytes).message);
    return false;
  } catch {
    return true;
  }
}

function timeOf(input: DescMessage, body: WorstBody): number {
  const startMs = performance.now();
  isBad(input, body);
  return performance.now() - startMs;
}

describe("the most expensive refused call costs at most four times the CPU time of the cheapest, on the public listener in Connect six times", () => {
  it.each(speeches)(
    "on the public listener in $name",
    async (speech) => {
      const [costs, ofStrict] = [new Costs(target, CALLS), new Costs(strict, CALLS)];
      const calls = open.flatMap((method): TableCall[] => {
        const needsToken = !withoutToken.has(method);
        const bodies = dearest(method, speech.name === "Connect");
        const [first] = bodies as [WorstBody];
        const small = { what: "nothing", isBinary: true, bytes: Buffer.alloc(0) };
        const call = (headers: Record<string, string>, body: WorstBody, port = target.port) =>
          callOf(method, speech, port, headers, body);
        return [
          ...[small, first].flatMap((body): TableCall[] => [
            ...(needsToken
              ? ([[`${method.name} | no token | ${body.what}`, costs, call({}, body)]] as TableCall[])
              : []),
            [`${method.name} | bad token | ${body.what}`, costs, call(bearer(forged), body)],
            [`${method.name} | over limit | ${body.what}`, ofStrict, call(bearer(genuine), body, strict.port)],
          ]),
          ...bodies.map((body): TableCall => [
            `${method.name} | worst body | ${body.what}`,
            costs,
            call(needsToken ? bearer(genuine) : {}, body),
          ]),
        ];
      });
      for (const [, its, call] of calls) if (its === ofStrict) await its.round(call); // uses up all budgets
      const mostTimes = speech.name === "Connect" ? 6 : undefined;
      const rows = await measure(calls, mostTimes);
      [costs, ofStrict].forEach((one) => one.close());
      print(speech.name, rows);
      expectCheap(rows, mostTimes);
    },
    600_000,
  );

  it.each(speeches)(
    "on the internal listener in $name",
    async (speech) => {
      const costs = new Costs(target, CALLS);
      const calls = internal.flatMap((method): TableCall[] => {
        const bodies = dearest(method, false);
        const [first] = bodies as [WorstBody];
        const call = (headers: Record<string, string>, body: WorstBody) =>
          callOf(method, speech, target.internalPort, headers, body);
        return [
          [`${method.name} | foreign page | ${first.what}`, costs, call({ origin: "https://evil.example" }, first)],
          ...bodies.map((body): TableCall => [`${method.name} | worst body | ${body.what}`, costs, call({}, body)]),
        ];
      });
      const rows = (await measure(calls)).filter(({ best }) => best.status !== 0);
      costs.close();
      print(`internal, ${speech.name}`, rows);
      expectCheap(rows);
    },
    600_000,
  );
});
