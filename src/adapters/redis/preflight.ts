import { Cluster, type Redis } from "ioredis";
import { isSlow, replyCode } from "./refusals.js";
import type { ScriptRunner } from "./script-runner.js";

/** The oldest version that supports the scripts and sharded subscriptions. */
const OLDEST_MAJOR = 7;

/** Keys that exist once per realm, by their types. */
const keys = {
  stream: ["audit", "events"],
  string: ["counts", "evidence:pieces"],
  zset: [
    ...["nodes", "deadlines", "waits", "looks", "rests", "parted", "strays", "sessions", "matches", "counted", "spent"],
    ...["bans:expiry", "bans:order", "bans:appeals:open", "bans:appeals:decided"],
    ...["actions:order", "actions:expiry", "actions:drops", "reports:order", "cases:changes", "evidence:order"],
    ...["people:order", "people:seen", "people:revoked:at", "channels:order", "channels:due"],
  ],
  hash: [
    ...["bus", "count", "samples", "agreement", "records", "opened", "webhooks"],
    ...["bans", "bans:appeals:keys", "actions", "actions:lifts", "actions:acknowledged"],
    ...["reports", "reports:names", "reports:resolutions", "reports:case", "cases:unresolved", "people:revoked"],
    ...["tips", "tips:hashes", "tips:totals", "deposits", "deposits:holders"],
    ...["channels", "channels:commands", "channels:openings", "channels:asked", "channels:conclusions"],
  ],
};

/**
 * Rejects a Redis that is too old, evicts keys, or has keys of the realm with other types.
 * @param onUnchecked called with each check that could not run
 * @throws Error that says what to change
 */
export async function preflight(
  store: ScriptRunner,
  isProduction: boolean,
  onUnchecked: (what: string) => void,
): Promise<void> {
  const servers = store.client instanceof Cluster ? store.client.nodes("master") : [store.client];
  for (const server of servers) await checkServer(server, isProduction, onUnchecked);
  const strange = await strangeKeys(store);
  if (strange === undefined) onUnchecked("whether the keys of the realm are its own: TYPE is not allowed");
  if (strange !== undefined && strange.length > 0) throw new Error(describeStrange(strange));
}

async function checkServer(server: Redis, isProduction: boolean, onUnchecked: (what: string) => void): Promise<void> {
  const info = await ask(() => server.info());
  if (info === undefined) throw new Error(NO_INFO);
  const version = /^redis_version:(\d+)/m.exec(info)?.[1];
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? (await policyByConfig(server));
  if (version === undefined) onUnchecked("the version of Redis, which must be 7 or newer");
  else if (Number(version) < OLDEST_MAJOR) {
    throw new Error(`Redis has version ${version}: it must be 7 or newer (REDIS_URL)`);
  }
  if (policy === undefined) onUnchecked("whether Redis evicts keys: its maxmemory-policy must be noeviction");
  else if (isProduction && policy !== "noeviction") {
    throw new Error(`Redis evicts keys (maxmemory-policy ${policy}): set it to noeviction`);
  }
}

const NO_INFO =
  "Redis refuses commands: the user of REDIS_URL lacks rights (ACL): it may not call INFO, with which the scripts " +
  "detect a restart of Redis; add +info to its rights";

const WHAT_TO_DO =
  "another program uses the key names of this realm; choose another REALM, or rename the keys with RENAME";

export function describeStrange(strange: readonly string[]): string {
  return `Redis has keys of an unexpected type: ${strange.join(", ")}; ${WHAT_TO_DO}`;
}

/** Returns the keys of the realm with an unexpected type; undefined if TYPE is not allowed. */
export async function strangeKeys(store: ScriptRunner): Promise<string[] | undefined> {
  const found = await Promise.all(
    Object.entries(keys)
      .flatMap(([expected, names]) => names.map((name) => [`${store.key}:${name}`, expected] as const))
      .map(async ([key, expected]) => {
        const type = await ask(() => store.client.type(key));
        return type === undefined ? type : type === "none" || type === expected ? "" : `${key} (${type})`;
      }),
  );
  return found.includes(undefined) ? undefined : found.filter((key): key is string => key !== undefined && key !== "");
}

async function policyByConfig(server: Redis): Promise<string | undefined> {
  const answer = await ask(() => server.config("GET", "maxmemory-policy"));
  return answer?.[1];
}

/** Attempts for a command that Redis does not answer in time. */
const TRIES = 5;

/** Returns the reply; undefined if the user of REDIS_URL may not run the command. */
async function ask<T>(command: () => Promise<T>, tries = TRIES): Promise<T | undefined> {
  try {
    return await command();
  } catch (error) {
    if (isSlow(error) && tries > 1) return ask(command, tries - 1);
    const { name, message } = error as Error;
    const code = replyCode(message);
    if (name === "ReplyError" && (code === "NOPERM" || code === "ERR")) return undefined;
    throw error;
  }
}
