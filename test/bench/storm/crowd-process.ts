import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Closer } from "../redis/closing.js";
import type { Pairs } from "./crowd.js";
import type { Position } from "./person.js";
import type { CrowdRecord } from "./record.js";

export interface Orders {
  /** Opens sessions on these instances. */
  open: { order: { ports: readonly number[]; size: number }; answer: undefined };
  match: { order: Pairs; answer: undefined };
  /** Each of the people of these places sends the partner a signal. */
  send: { order: { from: number; to: number }; answer: undefined };
  /** Everybody loses the stream and comes back, a few at a time; the milliseconds that this took. */
  resumeInTurn: { order: undefined; answer: number };
  positions: { order: undefined; answer: Position[] };
  connectTo: { order: readonly number[]; answer: undefined };
  /** From now on, everything that happens counts from a cut. */
  begin: { order: undefined; answer: undefined };
  /** Becomes the crowd that had these sessions until its streams broke now. */
  takeOver: { order: readonly Position[]; answer: undefined };
  look: { order: undefined; answer: Look };
}
export type Order = keyof Orders;

export interface Look {
  /** When those who are attached were, in milliseconds after the cut. */
  attachedMs: number[];
  record: CrowdRecord;
  cpuMs: number;
}

/** A crowd in a process of its own, which can be killed with all of its connections. */
export class CrowdProcess {
  private constructor(private readonly child: ChildProcess) {}

  static start(later: (closer: Closer) => void): CrowdProcess {
    const program = fileURLToPath(new URL("crowd-program.ts", import.meta.url));
    const flags = ["--import", "tsx", "--max-semi-space-size=64"];
    const child = fork(program, { execArgv: flags, serialization: "advanced" });
    const crowd = new CrowdProcess(child);
    later(() => crowd.kill());
    return crowd;
  }

  /** Gives an order and waits for the answer. One at a time. */
  async ask<Name extends Order>(name: Name, order: Orders[Name]["order"]): Promise<Orders[Name]["answer"]> {
    const answered = once(this.child, "message");
    this.child.send({ name, order });
    const [{ answer, error }] = (await answered) as [{ answer: Orders[Name]["answer"]; error?: string }];
    if (error !== undefined) throw new Error(error);
    return answer;
  }

  /** Ends it at once: the system closes its connections. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exit;
  }
}
