import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";

const server = (import.meta.env.VITE_SERVER as string | undefined) ?? "http://localhost:3001";
const root = document.getElementById("root") as HTMLElement;
createRoot(root).render(
  <StrictMode>
    <App server={server} />
  </StrictMode>,
);
