import { randomBytes } from "node:crypto";
import { link, stat, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";

/** The socket that shows that a process uses the folder. */
const SOCKET = "records.lmdb-owner";
/** How long the path of a socket may be, in bytes, so that there is room for what is appended to it. */
const PATH_BYTES = 80;

/** For how long a holder that is ending is waited for, and how often is looked, in milliseconds. */
const [ENDING_MS, LOOK_MS] = [2_000, 50];

/** Gives a folder back. */
export interface Release {
  (): Promise<void>;
  /** The socket. Another process that has it, too, holds the folder on when this one ends. */
  readonly socket: Server;
}

/** The same as `claim`, but what a holder that was killed started has a while to end. */
export async function claimSoon(folder: string): Promise<Release | undefined> {
  const untilMs = performance.now() + ENDING_MS;
  for (;;) {
    const release = await claim(folder);
    if (release !== undefined || performance.now() >= untilMs) return release;
    await setTimeout(LOOK_MS);
  }
}

/**
 * Claims a folder for this process, until it is given back or the process ends, however it ends: the holder listens on a
 * socket in the folder, which other containers that share the folder see as well.
 * @returns undefined when another process holds it, or is about to
 * @throws Error of the system when there can be no socket, or no second name for one
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

/** A socket that this process listens on, and the path that names of locks begin with. */
interface Claimant {
  own: string;
  base: string;
}

/**
 * Gives the socket a second name, which one process can do at a time. As it listens already, a name whose socket does not
 * answer was left behind by a process that was killed, for good. Such a name is removed under a lock of its own, which is
 * taken like the name itself: a process that is slow cannot remove the name of another that was faster.
 */
async function take(name: string, claimant: Claimant): Promise<boolean> {
  for (;;) {
    if (await linked(claimant.own, name)) return true;
    const left = await identityOf(name);
    if (left === undefined) continue; // it was given back
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

/** Which file a name belongs to; undefined without one. */
async function identityOf(name: string): Promise<string | undefined> {
  const found = await withoutMissing(stat(name));
  return found && `${found.ino.toString(36)}${Math.floor(found.mtimeMs).toString(36)}`;
}

/** The name goes while the socket still answers: after that it could be another's. */
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

/** Whether a process listens; one that cannot take more connections for the moment does. */
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

/** Undefined when there is no such file. */
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
