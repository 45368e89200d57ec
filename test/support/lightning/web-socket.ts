import { WebSocket } from "ws";

// Browsers have it, Node.js has it from version 22 on, and clients of Nostr look for it when they connect.
if (!("WebSocket" in globalThis)) Object.assign(globalThis, { WebSocket });
