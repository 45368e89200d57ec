import { useEffect, useState } from "preact/hooks";

/** Returns a hook for a setting that is on or off, stored across visits under a name. */
export function storedSwitch(name: string, otherwise: boolean): () => [boolean, (on: boolean) => void] {
  const key = `satoshigle.${name}`;
  const changed = `satoshigle:${name}`;
  let unstored: boolean | null = null;

  function read(): boolean {
    if (unstored !== null) return unstored;
    try {
      const kept = localStorage.getItem(key);
      return kept === null ? otherwise : kept !== "off";
    } catch {
      return otherwise;
    }
  }

  function write(on: boolean): void {
    try {
      localStorage.setItem(key, on ? "on" : "off");
    } catch {
      unstored = on;
    }
    dispatchEvent(new Event(changed));
  }

  return () => {
    const [on, setOn] = useState(read);
    useEffect(() => {
      const update = () => setOn(read());
      addEventListener(changed, update);
      return () => removeEventListener(changed, update);
    }, []);
    return [on, write];
  };
}
