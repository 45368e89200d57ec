import { useEffect, useState } from "preact/hooks";
import { type Choice, noChoice, recall, remember } from "./preferences.js";

/** Who to meet, stored across visits. */
export function useChoice(): [Choice, (choice: Choice) => void] {
  const [choice, setChoice] = useState(() => (shelf() ? recall(localStorage) : noChoice));
  useEffect(() => {
    if (shelf()) remember(localStorage, choice);
  }, [choice]);
  return [choice, setChoice];
}

function shelf(): boolean {
  try {
    return Boolean(window.localStorage);
  } catch {
    return false;
  }
}
