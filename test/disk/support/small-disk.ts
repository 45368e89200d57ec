import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, statfs, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small disk in a mount namespace, which exists as long as its processes. */
export class SmallDisk {
  private constructor(
    private readonly holder: ChildProcess,
    /** Its path for processes that are started on it. */
    readonly path: string,
  ) {}

  /** @param options such as `size=256k` */
  static async mount(options: string): Promise<SmallDisk> {
    const path = await mkdtemp(join(tmpdir(), "satoshigle-disk-"));
    const script = `mount -t tmpfs -o mode=700,${options} small ${path} && echo mounted && exec cat`;
    const ownRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];
    const holder = spawn("unshare", [...ownRoot, "--mount", "sh", "-c", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [said] = (await once(holder.stdout, "data")) as [Buffer];
    if (!String(said).includes("mounted")) throw new Error(`no disk: ${String(said)}`);
    return new SmallDisk(holder, path);
  }

  /** The path of a file on it for this process. */
  seen(name: string): string {
    return `/proc/${String(this.holder.pid)}/root${this.path}/${name}`;
  }

  /** The command prefix that runs another command on it. */
  command(...command: string[]): [string, string[]] {
    const ownRoot = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
    return ["nsenter", ["--target", String(this.holder.pid), "--mount", ...ownRoot, "--", ...command]];
  }

  async run(...command: string[]): Promise<void> {
    const child = spawn(...this.command(...command), { stdio: "inherit" });
    const [code] = (await once(child, "close")) as [number];
    if (code !== 0) throw new Error(`${command.join(" ")} ended with ${String(code)}`);
  }

  /** Leaves this many free bytes, or fewer if a server writes meanwhile. */
  async fill(leftBytes = 0): Promise<void> {
    const { bsize, bavail } = await statfs(this.seen("."));
    const filling = writeFile(this.seen("filler"), Buffer.alloc(Math.max(0, bsize * bavail - leftBytes)));
    await filling.catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    });
  }

  async empty(): Promise<void> {
    await unlink(this.seen("filler"));
  }

  async remove(): Promise<void> {
    this.holder.stdin?.end();
    if (this.holder.exitCode === null) await once(this.holder, "close");
    await rm(this.path, { recursive: true });
  }
}
