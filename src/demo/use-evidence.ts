import { useEffect, useState } from "preact/hooks";
import type { Evidence, EvidencePreview, SatoshigleClient, State } from "@satoshigle/client";

/** Begins this long after what a call needs, so that no first picture waits for it. */
const DELAY_MS = 300;

/** What reports may contain here; null if nothing, or while the page does not know yet. */
export function useEvidence(client: SatoshigleClient, { connection, activity }: State): Evidence | null {
  const [evidence, setEvidence] = useState<Evidence | null>(null);
  const settled = activity.phase !== "matched" || activity.call === "connected";
  const due = evidence === null && settled && connection.status === "online";
  useEffect(() => {
    if (!due) return;
    // If it fails, the next call is another occasion.
    const timer = setTimeout(() => void client.evidence().then(setEvidence, () => undefined), DELAY_MS);
    return () => clearTimeout(timer);
  }, [client, due]);
  return evidence?.policy === "off" ? null : evidence;
}

/**
 * What was said and seen when the person began to report, even if that takes longer than pictures are kept. Null if there
 * is nothing to attach.
 */
export function usePreview(evidence: Evidence | null, matchId: string | null): EvidencePreview | null {
  const [preview, setPreview] = useState<EvidencePreview | null>(null);
  useEffect(() => {
    setPreview(null);
    if (!evidence || matchId === null) return;
    let wanted = true;
    void evidence.preview("other", matchId).then((found) => wanted && setPreview(found));
    return () => {
      wanted = false;
    };
  }, [evidence, matchId]);
  return preview && preview.lines.length + preview.frames.length > 0 ? preview : null;
}
