import { existsSync, readFileSync } from "node:fs";

/** The version of this server, from the package that the module is part of. */
export const VERSION = versionAbove(new URL(".", import.meta.url));

function versionAbove(folder: URL): string {
  const manifest = new URL("package.json", folder);
  if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
  return versionAbove(new URL("..", folder));
}
