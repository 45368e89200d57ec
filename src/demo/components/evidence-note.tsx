import type { EvidencePolicy } from "@satoshigle/client";
import { say } from "../say.js";

/** Tells people, before they chat, what a report about them may contain. */
export function EvidenceNote({ policy }: { policy: EvidencePolicy }) {
  if (policy === "off") return null;
  return (
    <p class="captions-note" data-testid="evidence-note">
      {say(`evidence.note.${policy}`)}
    </p>
  );
}
