import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

interface LockedPackage {
  hasInstallScript?: true;
}

/** A new project outside the repository that installs our packages. */
export class Project {
  private constructor(readonly folder: string) {}

  /** @param packages arguments of `npm install`: names with versions, or tarballs */
  static async create(...packages: string[]): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), "satoshigle-project-")));
    await project.write("package.json", JSON.stringify({ name: "project", private: true, type: "module" }));
    await project.run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", ...packages);
    return project;
  }

  /** Replaces a file in one step: a development server that watches it never reads a part of it. */
  async write(path: string, content: string): Promise<void> {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  }

  async read(path: string): Promise<string> {
    return readFile(join(this.folder, path), "utf8");
  }

  /** Copies the files of a folder of the repository. */
  async copy(path: string): Promise<void> {
    await cp(path, this.folder, { recursive: true });
  }

  /** Runs a command in the project. Returns its output. @throws Error with the output if it fails */
  async run(command: string, ...args: string[]): Promise<string> {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, npm_config_update_notifier: "false" };
    try {
      const { stdout } = await run(command, args, { cwd: this.folder, env });
      return stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}`, { cause: error });
    }
  }

  /** Runs a tool of the repository. */
  async runOwn(tool: string, ...args: string[]): Promise<string> {
    return this.run(resolve("node_modules/.bin", tool), ...args);
  }

  /** The installed packages, by path. */
  async installed(): Promise<Map<string, LockedPackage>> {
    const lock = JSON.parse(await this.read("package-lock.json")) as { packages: Record<string, LockedPackage> };
    return new Map(Object.entries(lock.packages).filter(([path]) => path !== ""));
  }

  /** The installed size, in bytes. */
  async installedBytes(): Promise<number> {
    const folder = join(this.folder, "node_modules");
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
