import { useEffect, useState } from "preact/hooks";

/** The breakpoint for a panel beside the stage. Keep in sync with `layout.css`. */
const WIDE = "(min-width: 60rem) and (min-height: 30rem)";

/** Whether the page is wide enough for a panel beside the stage. */
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
