import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePort } from "../../support/ports.js";
import { soon } from "../../support/soon.js";

/** A series with its current value. */
export interface Sample {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

/** A Prometheus that scrapes servers every second. */
export class Prometheus {
  private constructor(
    private readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(...targets: string[]): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-prometheus-"));
    const file = join(folder, "prometheus.yml");
    const job = { job_name: "satoshigle", static_configs: [{ targets }] };
    await writeFile(file, stringify({ global: { scrape_interval: "1s" }, scrape_configs: [job] }));
    const address = `127.0.0.1:${String(await freePort())}`;
    const paths = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, "data")}`];
    const child = spawn("prometheus", [...paths, `--web.listen-address=${address}`], { stdio: "ignore" });
    const url = `http://${address}`;
    await soon(async () => {
      if (!(await fetch(`${url}/-/ready`)).ok) throw new Error("not ready");
    });
    return new Prometheus(url, child, folder);
  }

  /** The current result of a query. @throws Error for an invalid query */
  async query(query: string): Promise<Sample[]> {
    const answer = await fetch(`${this.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    const { error, data } = (await answer.json()) as { error?: string; data?: { result: Sample[] } };
    if (data === undefined) throw new Error(`${query}: ${String(error)}`);
    return data.result;
  }

  async close(): Promise<void> {
    const exit = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await exit;
    await rm(this.folder, { recursive: true });
  }
}
