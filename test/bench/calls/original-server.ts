import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";

/**
 * The signaling of a random video chat on Socket.IO, as it is usually written, with comparable features:
 * calls are counted, a match has a deadline, waiting clients are paired in batches that scan all of them, and a message
 * is acknowledged if its sender asks for it.
 */

const [WINDOW_MS, MAX_CALLS] = [60_000, 1_000_000];
const [HANDSHAKE_MS, AVOID_MS] = [300_000, 60_000];

interface User {
  socket: Socket;
  state: "idle" | "waiting" | "matched";
  sinceMs: number;
  match: Match | undefined;
  lastPartner: string | undefined;
  lastEndMs: number;
  calls: number;
  windowEndMs: number;
}

interface Match {
  id: string;
  users: [User, User];
  timer: NodeJS.Timeout;
}

type Ack = ((answer: { ok: boolean; error?: string }) => void) | undefined;

const users = new Map<string, User>();
const waiting = new Set<User>();
let isScheduled = false;

const server = createServer();
const io = new Server(server, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket: Socket) => {
  const user: User = {
    socket,
    state: "idle",
    sinceMs: 0,
    match: undefined,
    lastPartner: undefined,
    lastEndMs: 0,
    calls: 0,
    windowEndMs: 0,
  };
  users.set(socket.id, user);
  socket.on("find-match", (_wish: unknown, ack: Ack) => answer(user, ack, () => findMatch(user)));
  socket.on("offer", (message: unknown, ack: Ack) => answer(user, ack, () => relay(user, "offer", message)));
  socket.on("answer", (message: unknown, ack: Ack) => answer(user, ack, () => relay(user, "answer", message)));
  socket.on("ice-candidate", (message: unknown, ack: Ack) => {
    answer(user, ack, () => relay(user, "ice-candidate", message));
  });
  socket.on("leave", (_nothing: unknown, ack: Ack) => answer(user, ack, () => leave(user)));
  socket.on("disconnect", () => {
    leave(user);
    users.delete(socket.id);
  });
});

function answer(user: User, ack: Ack, act: () => string | undefined): void {
  const error = isTooMany(user) ? "too many calls" : act();
  ack?.(error === undefined ? { ok: true } : { ok: false, error });
}

function isTooMany(user: User): boolean {
  const nowMs = Date.now();
  if (nowMs >= user.windowEndMs) {
    user.windowEndMs = nowMs + WINDOW_MS;
    user.calls = 0;
  }
  return ++user.calls > MAX_CALLS;
}

function findMatch(user: User): undefined {
  if (user.state !== "idle") return;
  user.state = "waiting";
  user.sinceMs = Date.now();
  waiting.add(user);
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(pairAll);
}

/** Pairs each waiting client, the longest-waiting first, with the first compatible one. */
function pairAll(): void {
  isScheduled = false;
  for (const user of waiting) {
    for (const other of waiting) {
      if (other === user || !fits(user, other)) continue;
      waiting.delete(user);
      waiting.delete(other);
      begin(user, other);
      break;
    }
  }
}

function fits(user: User, other: User): boolean {
  const isRecent = Date.now() - user.lastEndMs < AVOID_MS && user.lastPartner === other.socket.id;
  return other.socket.connected && !isRecent;
}

function begin(first: User, second: User): void {
  const id = randomUUID();
  const timer = setTimeout(() => first.match?.id === id && leave(first), HANDSHAKE_MS);
  const match: Match = { id, users: [first, second], timer };
  for (const user of match.users) {
    user.state = "matched";
    user.match = match;
  }
  const notify = (user: User, partner: User, initiator: boolean) => {
    user.socket.emit("match-found", { matchId: id, partnerId: partner.socket.id, initiator });
  };
  notify(first, second, false);
  notify(second, first, true);
}

function relay(user: User, event: "offer" | "answer" | "ice-candidate", message: unknown): string | undefined {
  const { match } = user;
  if (match === undefined) return "no match";
  if (typeof message !== "object" || message === null) return "not a message";
  if (event === "answer") clearTimeout(match.timer);
  const [first, second] = match.users;
  const partner = first === user ? second : first;
  partner.socket.emit(event, { from: user.socket.id, ...message });
  return undefined;
}

function leave(user: User): undefined {
  waiting.delete(user);
  user.state = "idle";
  const { match } = user;
  if (match === undefined) return;
  clearTimeout(match.timer);
  const [first, second] = match.users;
  for (const one of match.users) {
    one.match = undefined;
    one.state = "idle";
    one.lastEndMs = Date.now();
  }
  [first.lastPartner, second.lastPartner] = [second.socket.id, first.socket.id];
  (first === user ? second : first).socket.emit("partner-left", { matchId: match.id });
}

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
});
