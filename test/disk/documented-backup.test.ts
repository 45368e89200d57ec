import { afterEach, beforeEach, expect, it } from "vitest";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { bashBlocks, paste } from "../support/shell.js";
import { crowded, pairs, report } from "./support/crowd.js";
import { newFolder, removeFolder, Running } from "./support/process.js";

let parent: string;
beforeEach(async () => {
  parent = await newFolder();
});
afterEach(() => removeFolder(parent));

it("the documented commands back up a running server and restore a stopped one", async () => {
  const folder = join(parent, "data");
  const server = await Running.start({ folder, variables: crowded });
  for (const pair of await pairs(server.url, 2)) await report(pair);
  const file = join(parent, "records.backup");
  const commands = (await bashBlocks("docs/operations.md", "## Back up and restore")).replaceAll(
    "records.backup",
    file,
  );
  const [backup = "", restore = ""] = commands.split("\n");
  const environment = { env: { DATA_DIR: folder } };
  expect(await paste("zsh", backup, environment)).toContain("entries, verified");
  await server.stop();
  expect(await paste("zsh", restore, environment)).toContain(`${folder} contains the records of ${file}`);
  expect((await readdir(folder)).length).toBeGreaterThan(1); // the previous file is kept
});
