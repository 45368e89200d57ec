import { spawn } from "node:child_process";
import { once } from "node:events";
import { clusterVariables } from "./fleet.js";

/** Starts an instance that is expected to exit at once. Returns its exit code and its output. */
export async function refuse(variables: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const env = {
    PATH: process.env.PATH,
    PORT: "0",
    INTERNAL_PORT: "0",
    HOST: "127.0.0.1",
    ...clusterVariables,
    ...variables,
  };
  const child = spawn(process.execPath, ["dist/server/main.js"], { env });
  let said = "";
  child.stdout.on("data", (chunk) => (said += String(chunk)));
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  return { code, said };
}
