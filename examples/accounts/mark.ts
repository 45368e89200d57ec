import { open } from "lmdb";
import { Users } from "./users.js";

// What operators decide about a user: `npm run mark -- NAME premium`, or `text-only`. With `off` after it, no longer.

const marks = new Map([
  ["premium", "isPremium"],
  ["text-only", "isRestricted"],
]);

async function apply([name = "", mark = "", value = "on"]: string[]): Promise<string | undefined> {
  const field = marks.get(mark);
  if (field === undefined || (value !== "on" && value !== "off")) return undefined;
  const database = open({ path: process.env.DATABASE ?? "accounts.lmdb" });
  const user = await new Users(database).change(name, { [field]: value === "on" });
  await database.close();
  return user && `${user.name} is ${value === "on" ? mark : `not ${mark}`}; subject ${user.id}`;
}

const done = await apply(process.argv.slice(2));
console.log(done ?? "Name a user: npm run mark -- NAME premium|text-only [on|off]");
process.exitCode = done === undefined ? 1 : 0;
