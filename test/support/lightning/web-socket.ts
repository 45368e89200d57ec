import { WebSocket } from "ws";

// Nostr clients expect a global WebSocket, which Node.js has from version 22.
if (!("WebSocket" in globalThis)) Object.assign(globalThis, { WebSocket });
