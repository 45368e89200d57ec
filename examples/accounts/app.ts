import { parseCookie, stringifySetCookie } from "cookie";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { open } from "lmdb";
import { IdentityTokens } from "./identity-tokens.js";
import { LOGIN_MS, Logins } from "./logins.js";
import { choice, credentials, registration } from "./requests.js";
import { type User, Users } from "./users.js";

export interface Settings {
  /** The file of the database. */
  path: string;
  identitySecret: string;
  /** Whether browsers reach the app over HTTPS. */
  isSecure: boolean;
}

interface Parts extends Pick<Settings, "isSecure"> {
  users: Users;
  logins: Logins;
  tokens: IdentityTokens;
}

const COOKIE = "login";
const secretOf = ({ headers }: FastifyRequest) => parseCookie(headers.cookie ?? "")[COOKIE] ?? "";

/** The app: registration, login, and identity tokens for those who are signed in. */
export function createApp({ path, identitySecret, isSecure }: Settings): FastifyInstance {
  const database = open({ path });
  const [users, logins, tokens] = [new Users(database), new Logins(database), new IdentityTokens(identitySecret)];
  const app = fastify();
  app.addHook("onClose", () => database.close());
  addEntrance(app, { users, logins, tokens, isSecure });
  addRoom(app, { users, logins, tokens, isSecure });
  return app;
}

function addEntrance(app: FastifyInstance, { users, logins, isSecure }: Parts): void {
  /** Other sites cannot make a browser send this cookie. */
  function setCookie(reply: FastifyReply, value: string, maxAge: number): void {
    const attributes = { httpOnly: true, sameSite: "strict", path: "/", secure: isSecure, maxAge } as const;
    void reply.header("set-cookie", stringifySetCookie({ name: COOKIE, value, ...attributes }));
  }

  async function signIn(reply: FastifyReply, user: User): Promise<User> {
    setCookie(reply, await logins.add(user.name), LOGIN_MS / 1_000);
    return user;
  }

  app.post("/api/register", async (request, reply) => {
    const { success, data } = registration.safeParse(request.body);
    if (!success) return reply.code(400).send({ message: "A name, and a password of 8 characters or more, please." });
    const user = await users.add(data.name, data.password, data.country);
    return user ? signIn(reply, user) : reply.code(409).send({ message: "This name is taken." });
  });

  app.post("/api/login", async (request, reply) => {
    const { success, data } = credentials.safeParse(request.body);
    const user = success ? await users.check(data.name, data.password) : undefined;
    return user ? signIn(reply, user) : reply.code(401).send({ message: "Name or password is wrong." });
  });

  app.post("/api/logout", async (request, reply) => {
    await logins.remove(secretOf(request));
    setCookie(reply, "", 0);
    return {};
  });
}

/** What those who are signed in can do. */
function addRoom(app: FastifyInstance, { users, logins, tokens }: Parts): void {
  function userOf(request: FastifyRequest): User | undefined {
    const name = logins.nameOf(secretOf(request));
    return name === undefined ? undefined : users.find(name);
  }

  app.get("/api/me", (request, reply) => reply.send(userOf(request) ?? null));

  app.post("/api/choice", async (request, reply) => {
    const user = userOf(request);
    if (!user) return reply.code(401).send({ message: "Sign in first." });
    const { success, data } = choice.safeParse(request.body);
    if (!success) return reply.code(400).send({ message: "Choose up to five countries." });
    return users.change(user.name, { choice: data });
  });

  app.post("/api/identity-token", async (request, reply) => {
    const user = userOf(request);
    // The body says who is signed in: it must not be kept by a cache.
    void reply.header("cache-control", "no-store");
    return user ? { token: await tokens.sign(user) } : reply.code(401).send({ message: "Sign in first." });
  });
}
