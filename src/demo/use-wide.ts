import { useEffect, useState } from "preact/hooks";

/** The same condition as in `layout.css`: room for the panel beside the stage. */
const WIDE = "(min-width: 60rem) and (min-height: 30rem)";

/** Whether the panel has a place of its own beside the stage. */
export function useWide(): boolean {
  const [matches, setMatches] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const query = matchMedia(WIDE);
    const update = () => setMatches(query.matches);
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, []);
  return matches;
}
