import { randomBytes } from "node:crypto";
import { link, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";

/** The socket that shows that a process uses the folder. */
const SOCKET = "records.lmdb-owner";
/** How long the path of a socket may be, in bytes. */
const PATH_BYTES = 100;

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
 * @returns undefined when another process holds it
 * @throws Error of the system when there can be no socket
 */
export async function claim(folder: string): Promise<Release | undefined> {
  const path = shortest(join(folder, SOCKET));
  let server = await listen(path);
  if (server === undefined) {
    if (!(await clear(path))) return undefined;
    server = await listen(path);
  }
  return server && Object.assign(() => closed(server), { socket: server });
}

/**
 * Takes away a socket that was left behind by a process that was killed. Of several that do so at once one may move the
 * socket of another that was faster: it looks once more at what it moved, and puts that back.
 * @returns whether the path is free
 */
async function clear(path: string): Promise<boolean> {
  if (await answers(path)) return false;
  const aside = `${path}-${randomBytes(4).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true; // somebody else has done so
    throw error;
  }
  const isAlive = await answers(aside);
  if (isAlive) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return !isAlive;
}

/** Undefined when the path is taken. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      resolve(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
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

function shortest(path: string): string {
  return Buffer.byteLength(path) <= PATH_BYTES ? path : relative(process.cwd(), path);
}
