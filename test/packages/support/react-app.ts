/** The files of a typical page with React and Vite. */
export const reactApp: Record<string, string> = {
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      ...{ target: "ES2022", module: "ESNext", moduleResolution: "bundler", lib: ["ES2022", "DOM", "DOM.Iterable"] },
      ...{ jsx: "react-jsx", strict: true, noEmit: true, types: [] },
    },
    include: ["src"],
  }),
  "index.html": `<!doctype html><div id="root"></div><script type="module" src="/src/main.tsx"></script>`,
  "src/use-satoshigle.ts": `
import { Satoshigle, type State } from "@satoshigle/client";
import { useEffect, useState } from "react";

export function useSatoshigle(url: string): { chat: Satoshigle | null; state: State | null } {
  const [chat, setChat] = useState<Satoshigle | null>(null);
  const [state, setState] = useState<State | null>(null);
  useEffect(() => {
    const client = new Satoshigle(url);
    client.on("state", setState);
    setChat(client);
    return () => void client.close();
  }, [url]);
  return { chat, state };
}
`,
  "src/app.tsx": `
import { useSatoshigle } from "./use-satoshigle";

export function App() {
  const { chat, state } = useSatoshigle("https://chat.example.com");
  return <button onClick={() => void chat?.start()}>{state?.activity.phase ?? "idle"}</button>;
}
`,
  "src/main.tsx": `
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";

createRoot(document.getElementById("root")!).render(<StrictMode><App /></StrictMode>);
`,
  "src/server.tsx": `
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { App } from "./app";

console.log(renderToString(<StrictMode><App /></StrictMode>));
`,
};
