import { useEffect, useState } from "preact/hooks";

const KEY = "satoshigle.mirror";
const CHANGED = "satoshigle:mirror";

/** Whether the local video is mirrored, stored across visits. The partner always sees it unmirrored. */
export function useMirror(): [boolean, (mirrored: boolean) => void] {
  const [mirrored, setMirrored] = useState(read);
  useEffect(() => {
    const update = () => setMirrored(read());
    addEventListener(CHANGED, update);
    return () => removeEventListener(CHANGED, update);
  }, []);
  return [mirrored, write];
}

let unstored: boolean | null = null;

function read(): boolean {
  if (unstored !== null) return unstored;
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

function write(mirrored: boolean): void {
  try {
    localStorage.setItem(KEY, mirrored ? "on" : "off");
  } catch {
    unstored = mirrored;
  }
  dispatchEvent(new Event(CHANGED));
}
