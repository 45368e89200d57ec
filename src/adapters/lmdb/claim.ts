import { randomBytes } from "node:crypto";
import { link, stat, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Name of the socket that marks a folder as in use. */
const SOCKET = "records.lmdb-owner";
/** Max length of a socket path in bytes, which leaves room for suffixes. */
const PATH_BYTES = 80;

/** How long to wait for a holder that is exiting, and the interval between attempts, in milliseconds. */
const [ENDING_MS, LOOK_MS] = [2_000, 50];

/** Releases a folder. */
export interface Release {
  (): Promise<void>;
  /** The socket. A process that shares it keeps the folder claimed after this one exits. */
  readonly socket: Server;
}

/** Like `claim`, but waits a while for child processes of a killed holder to exit. */
export async function claimSoon(folder: string): Promise<Release | undefined> {
  const untilMs = performance.now() + ENDING_MS;
  for (;;) {
    const release = await claim(folder);
    if (release !== undefined || performance.now() >= untilMs) return release;
    await setTimeout(LOOK_MS);
  }
}

/**
 * Claims a folder until it is released or the process exits for any reason. The holder listens on a socket in the
 * folder, which is also visible to other containers that share the folder.
 * @returns undefined if another process holds the folder, or is claiming it
 * @throws system error if the folder does not support sockets or hard links
 */
export async function claim(folder: string): Promise<Release | undefined> {
  const path = shortest(join(folder, SOCKET));
  const own = `${path}-${randomBytes(4).toString("hex")}`;
  const server = await listen(own);
  try {
    if (await take(path, { own, base: path })) return Object.assign(() => give(path, server), { socket: server });
  } catch (error) {
    await closed(server);
    throw error;
  } finally {
    await withoutMissing(unlink(own));
  }
  await closed(server);
  return undefined;
}

/** The path of the socket that this process listens on, and the prefix of lock names. */
interface Claimant {
  own: string;
  base: string;
}

/**
 * Links the socket to a name, which only one process can do. Sockets listen before they are linked, so a name whose
 * socket does not answer was left behind by a killed process. Such a name is removed under a lock, which is taken in
 * the same way, so that a slow process cannot remove the name of a faster one.
 */
async function take(name: string, claimant: Claimant): Promise<boolean> {
  for (;;) {
    if (await linked(claimant.own, name)) return true;
    const left = await identityOf(name);
    if (left === undefined) continue; // it was released meanwhile
    if (await answers(name)) return false;
    const lock = `${claimant.base}-${left}`;
    if (!(await take(lock, claimant))) return false;
    try {
      if ((await identityOf(name)) === left && !(await answers(name))) await unlink(name);
    } finally {
      await unlink(lock);
    }
  }
}

async function linked(path: string, name: string): Promise<boolean> {
  try {
    await link(path, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Identifies the file behind a name; undefined if there is none. */
async function identityOf(name: string): Promise<string | undefined> {
  const found = await withoutMissing(stat(name));
  return found && `${found.ino.toString(36)}${Math.floor(found.mtimeMs).toString(36)}`;
}

/** Removes the name while the socket still answers: later, it could belong to another process. */
async function give(path: string, server: Server): Promise<void> {
  await withoutMissing(unlink(path));
  await closed(server);
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once("error", reject);
    server.listen(path, () => {
      resolve(server);
    });
  });
}

/** Whether a process listens, even if it cannot accept more connections at the moment. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

/** Resolves to undefined if there is no such file. */
async function withoutMissing<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function shortest(path: string): string {
  return Buffer.byteLength(path) <= PATH_BYTES ? path : relative(process.cwd(), path);
}
