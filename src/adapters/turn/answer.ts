import type { IceServer } from "../../core/ice-server.js";
import { parseIceUrl } from "../../core/ice-url.js";

/** Where an answer contains what is needed, as paths such as `$.iceServers`. */
export type AnswerPaths =
  | { servers: string }
  /** The answer names no servers, so those of the configuration are used. */
  | { username: string; password: string; turnUrls: readonly string[] };

/** An answer that cannot be used. Its message contains nothing of the answer. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
}

/** A browser that is given many servers gathers slowly. */
const MAX_URLS = 16;
/** Browsers block this port, and a server behind it would delay gathering. */
const BLOCKED_PORT = /:53(\?|$)/;

/**
 * Reads the servers and their credentials from the answer of a provider.
 * @throws AnswerError
 */
export function readAnswer(text: string, paths: AnswerPaths): IceServer[] {
  const answer = parseJson(text);
  if ("servers" in paths) return serversIn(valueAt(answer, paths.servers), paths.servers);
  const [username, credential] = [valueAt(answer, paths.username), valueAt(answer, paths.password)];
  if (!isText(username)) throw new AnswerError(`the answer has no text at ${paths.username}`);
  if (!isText(credential)) throw new AnswerError(`the answer has no text at ${paths.password}`);
  return [{ urls: [...paths.turnUrls], username, credential }];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AnswerError("the answer is not JSON");
  }
}

function valueAt(answer: unknown, path: string): unknown {
  let value = answer;
  for (const [, name, index] of path.matchAll(/\.([\w-]+)|\[(\d+)\]/g)) {
    const key = name ?? index ?? "";
    const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, key);
    value = isThere ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

/** Accepts a list of servers or a single one, with `urls` or `url`. Leaves out what browsers would refuse. */
function serversIn(found: unknown, path: string): IceServer[] {
  const list: unknown[] = Array.isArray(found) ? found : [found];
  let room = MAX_URLS;
  const servers = list.flatMap((item) => {
    const server = serverIn(item);
    const urls = server?.urls.slice(0, room) ?? [];
    room -= urls.length;
    return server === undefined || urls.length === 0 ? [] : [{ ...server, urls }];
  });
  if (servers.some(({ credential }) => credential !== undefined)) return servers;
  throw new AnswerError(`the answer has no TURN server with credentials at ${path}`);
}

function serverIn(item: unknown): IceServer | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const { urls, url, username, credential } = item as Record<string, unknown>;
  const given = [urls ?? url].flat().filter(isText);
  const parsed = given.map(parseIceUrl).flatMap((one) => ("url" in one && !BLOCKED_PORT.test(one.url) ? [one] : []));
  const hasCredential = isText(username) && isText(credential);
  const usable = parsed.filter(({ kind }) => (kind === "turn") === hasCredential).map((one) => one.url);
  return hasCredential ? { urls: usable, username, credential } : { urls: usable };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
