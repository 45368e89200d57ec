import type { ChildProcess } from "node:child_process";
import { type LightningNode, NodeAway, NodeRefusal } from "../../../src/ports/lightning-node.js";

interface Call {
  id: number;
  method: keyof LightningNode;
  args: unknown[];
}
type Answer = { id: number } & ({ result: unknown } | { error: { name: string; message: string } });

/** In a child process: the node of the process that started it. */
export function nodeOfParent(): LightningNode {
  const pending = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  process.on("message", (answer: Answer) => {
    const { resolve, reject } = pending.get(answer.id) ?? {};
    pending.delete(answer.id);
    if ("result" in answer) resolve?.(answer.result);
    else reject?.(new (answer.error.name === "NodeRefusal" ? NodeRefusal : NodeAway)(answer.error.message));
  });
  const call =
    (method: string) =>
    (...args: unknown[]) =>
      new Promise((resolve, reject) => {
        pending.set(++last, { resolve, reject });
        process.send?.({ id: last, method, args });
      });
  return new Proxy({}, { get: (_, method) => call(String(method)) }) as LightningNode;
}

/** A node that lives in this process and is asked by others, as a real one would be. */
export class BridgedNode {
  readonly #asked = new Set<Promise<unknown>>();

  /** @param onCall called before and after each call; a call that it returns false for does not arrive */
  constructor(
    private readonly node: LightningNode,
    private readonly onCall: (method: string, when: "before" | "after", child: ChildProcess) => boolean,
  ) {}

  serve(child: ChildProcess): void {
    child.on("message", ({ id, method, args }: Call) => {
      if (typeof method !== "string") return;
      const asked = this.#answer(child, { id, method, args }).finally(() => this.#asked.delete(asked));
      this.#asked.add(asked);
    });
  }

  /** Resolves when the node has done everything that it was asked to do. */
  async idle(): Promise<void> {
    while (this.#asked.size > 0) await Promise.allSettled(this.#asked);
  }

  async #answer(child: ChildProcess, { id, method, args }: Call): Promise<void> {
    if (!this.onCall(method, "before", child)) return;
    const target = this.node as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const answer = await target[method]?.(...args).then(
      (result) => ({ id, result }),
      (error: unknown) => {
        const { name, message } = error as Error;
        return { id, error: { name, message } };
      },
    );
    if (this.onCall(method, "after", child) && child.connected)
      child.send(answer ?? { id, error: { name: "NodeAway", message: "no such method" } }, () => undefined);
  }
}
