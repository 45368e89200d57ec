import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { internalServices, publicServices } from "./support/services.js";

/** The names of the services in the `.proto` files of a folder. */
async function servicesIn(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".proto"));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => [...text.matchAll(/^service (\w+)/gm)].map(([, name]) => name ?? "")).sort();
}

it("the methods of every service are attacked", async () => {
  const namesOf = (services: readonly { name: string }[]) => services.map(({ name }) => name).sort();
  expect(namesOf(publicServices)).toEqual(await servicesIn("proto/satoshigle/v1"));
  const common = ["Health", "ServerReflection"];
  expect(namesOf(internalServices)).toEqual([...(await servicesIn("proto/satoshigle/internal/v1")), ...common].sort());
});
