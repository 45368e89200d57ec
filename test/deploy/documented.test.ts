import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadConfig } from "../../src/config.js";
import { bashBlocks, paste } from "../support/shell.js";
import { newFolder, removeFolder } from "../disk/support/process.js";
import { ending, packageVersion, readText, readYaml } from "./support/files.js";

const PAGE = "docs/deployment.md";

/** The values of an option in commands, such as `-e`. */
const optionsIn = (commands: string, option: string) =>
  [...commands.matchAll(new RegExp(`(?<= )${option} ("[^"]*"|\\S+)`, "g"))].map(([, value = ""]) => value);

/** Variables as commands set them, with a generated secret. */
const variablesIn = (assignments: readonly string[]) =>
  Object.fromEntries(
    assignments.map((one) => [one.split("=")[0], one.slice(one.indexOf("=") + 1).replace(/^"\$\(.*$/, "s".repeat(64))]),
  ) as Record<string, string>;

it.each(["bash", "zsh"])("the documented commands have valid syntax for %s", async (shell) => {
  const folder = await newFolder();
  const script = join(folder, "commands");
  await writeFile(script, await bashBlocks(PAGE));
  expect(await ending(shell, ["-n", script])).toEqual({ code: 0, output: "" });
  await removeFolder(folder);
});

it("the documented commands name existing files, and the version of the package", async () => {
  const commands = await bashBlocks(PAGE);
  const paths = commands.match(/(?<=[ "])(?:deploy|test)\/[\w./-]+/g) ?? [];
  expect(paths.length).toBeGreaterThan(8);
  expect(paths.filter((path) => !existsSync(path) && path !== "deploy/compose/.env")).toEqual([]);
  expect([...new Set(commands.match(/satoshigle:\d[\w.]*/g))]).toEqual([`satoshigle:${packageVersion()}`]);
});

it("the container is started with variables that the server accepts, and time to drain", async () => {
  const commands = await bashBlocks(PAGE, "## Docker");
  const variables = variablesIn(optionsIn(commands, "-e"));
  expect(Object.keys(variables)).toContain("SESSION_SECRET");
  const config = loadConfig({ NODE_ENV: "production", ...variables });
  expect(config.DRAIN_TIMEOUT_MS).toBeLessThan(Number(optionsIn(commands, "--stop-timeout")[0]) * 1000);
  const folder = /DATA_DIR=(\S+)/.exec(readText("deploy/docker/Dockerfile"))?.[1] ?? "";
  expect(optionsIn(commands, "-v")).toEqual([`satoshigle:${folder}`]);
  expect(commands).toContain(`backup ${folder}/`);
});

it("the service of systemd is started with variables that the server accepts", async () => {
  const [, lines = ""] = /printf '([^']*)'/.exec(await bashBlocks(PAGE, "## systemd")) ?? [];
  const assignments = lines.split("\\n").filter((line) => line !== "");
  const variables = variablesIn(assignments.map((line) => line.replace("%s", "s".repeat(64))));
  expect(loadConfig({ NODE_ENV: "production", ...variables }).CLIENT_URL).toEqual(["https://chat.example.com"]);
});

it("the secret of Kubernetes has the keys of its example", async () => {
  const commands = await bashBlocks(PAGE, "## Kubernetes");
  const literals = [...commands.matchAll(/--from-literal=(\w+)=/g)].map(([, name]) => name);
  const example = readYaml("deploy/kubernetes/secret.example.yaml") as { stringData: Record<string, string> };
  expect(literals.sort()).toEqual(Object.keys(example.stringData).sort());
});

it("the documented checks of the alerts pass", async () => {
  expect(await paste("bash", await bashBlocks(PAGE, "## Prometheus"))).toContain("SUCCESS");
});
