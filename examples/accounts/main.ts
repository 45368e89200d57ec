import { createApp } from "./app.js";

const { IDENTITY_SECRET: identitySecret = "", PORT = "3000", DATABASE = "accounts.lmdb", NODE_ENV } = process.env;
if (identitySecret.length < 32) {
  throw new Error("Set IDENTITY_SECRET to 32 characters or more, the same as for the Satoshigle server.");
}

const app = createApp({ path: DATABASE, identitySecret, isSecure: NODE_ENV === "production" });
console.log(`listening on ${await app.listen({ port: Number(PORT), host: "127.0.0.1" })}`);
