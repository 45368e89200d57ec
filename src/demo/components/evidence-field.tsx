import { useEffect, useState } from "preact/hooks";
import { say } from "../say.js";
import type { ChoiceProps } from "./evidence-choice.js";

type Part = typeof import("./evidence-choice.js");

/** Loads the choice on demand, because most people never report. */
export function EvidenceField(props: ChoiceProps) {
  const [part, setPart] = useState<Part | "failed" | null>(null);
  useEffect(() => {
    import("./evidence-choice.js").then(setPart, () => setPart("failed"));
  }, []);
  if (part === "failed") return <p class="help">{say("evidence.notLoaded")}</p>;
  return part && <part.EvidenceChoice {...props} />;
}
