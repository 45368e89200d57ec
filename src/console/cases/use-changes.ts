import type { Client } from "@connectrpc/connect";
import { useEffect, useState } from "preact/hooks";
import type { CaseRecord } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";

const RETRY_MS = 2_000;
/** How many changed cases are remembered. Further ones show when the list is loaded again. */
const MAX_CHANGED = 1_000;

type Changes = ReadonlyMap<string, CaseRecord>;

/** The cases that changed since a cursor, by ID, as they are now. */
export function useChanges(watching: Client<typeof ModerationService>, cursor: string): Changes {
  const [changes, setChanges] = useState<Changes>(new Map());
  useEffect(() => {
    setChanges(new Map());
    if (cursor === "") return undefined;
    const following = new AbortController();
    void follow(watching, cursor, following.signal, (record) => {
      if (following.signal.aborted) return;
      setChanges((before) => (before.size < MAX_CHANGED ? new Map(before).set(record.caseId, record) : before));
    });
    return () => {
      following.abort();
    };
  }, [watching, cursor]);
  return changes;
}

async function follow(
  watching: Client<typeof ModerationService>,
  cursor: string,
  signal: AbortSignal,
  onChange: (record: CaseRecord) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const change of watching.watchCases({ cursor }, { signal })) {
        ({ cursor } = change);
        if (change.record) onChange(change.record);
      }
    } catch {
      // The list says when it was loaded. Retry below.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
