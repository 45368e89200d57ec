import { open } from "lmdb";
import { Users } from "./users.js";

// Makes a user premium: `npm run premium -- NAME`.

const [name = ""] = process.argv.slice(2);
const database = open({ path: process.env.DATABASE ?? "accounts.lmdb" });
const isDone = await new Users(database).setPremium(name, true);
await database.close();
console.log(isDone ? `${name} is premium` : `there is no user ${name}`);
process.exitCode = isDone ? 0 : 1;
