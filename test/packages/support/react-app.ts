/** The files of a typical page with React and Vite. */
export const reactApp: Record<string, string> = {
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      ...{ target: "ES2022", module: "ESNext", moduleResolution: "bundler", lib: ["ES2022", "DOM", "DOM.Iterable"] },
      ...{ jsx: "react-jsx", strict: true, noEmit: true, types: ["vite/client"] },
    },
    include: ["src"],
  }),
  "vite.config.js": `
import react from "@vitejs/plugin-react";

export default { plugins: [react()] };
`,
  "index.html": `<!doctype html><div id="root"></div><script type="module" src="/src/main.tsx"></script>`,
  "src/app.tsx": `
import { useSatoshigle, Video, type SatoshigleView } from "@satoshigle/client/react";
import { useEffect, useState } from "react";

function useCamera({ client, state }: SatoshigleView) {
  const [camera, setCamera] = useState<MediaStream | null>(null);
  const isIdle = state.activity.phase === "idle";
  const open = async () => {
    const media = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
    setCamera(media);
    await client?.setMedia(media);
  };
  useEffect(() => {
    if (!isIdle && camera === null) void open();
  }, [isIdle]);
  return { camera, open };
}

export function App() {
  const chat = useSatoshigle(import.meta.env.VITE_SERVER ?? "https://chat.example.com");
  const { camera, open } = useCamera(chat);
  const { activity } = chat.state;
  const start = async () => {
    await open();
    await chat.client?.start();
  };
  return (
    <>
      <Video id="remote" stream={chat.partnerStream} muted />
      <Video id="local" stream={camera} muted />
      <button onClick={() => void start()}>{activity.phase}</button>
      <p id="match">{activity.phase === "matched" ? activity.matchId : ""}</p>
      <p id="word">first</p>
      <p role="alert">{chat.error?.message}</p>
    </>
  );
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
