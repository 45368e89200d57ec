import { EventEmitter } from "node:events";
import type http from "node:http";
import type net from "node:net";
import { Turns } from "../core/turns.js";

/** How many connections begin, and how many end, in one turn of the event loop. */
const BEGINNING_PER_TURN = 32;
const ENDING_PER_TURN = 32;

const ignore = () => undefined;

function emitInTurn(turns: Turns): net.Socket["emit"] {
  return function emit(this: net.Socket, event: string | symbol, ...args: unknown[]): boolean {
    if (event !== "end" && event !== "close") return EventEmitter.prototype.emit.call(this, event, ...args);
    turns.run(() => EventEmitter.prototype.emit.call(this, event, ...args));
    return true;
  };
}

/**
 * Begins and ends the connections of a listener a few at a time: thousands come and go at once when a proxy or another
 * instance dies, and Node.js would handle all of them in one turn of the event loop.
 */
export class Crowds {
  readonly #beginnings = new Turns(BEGINNING_PER_TURN, setImmediate);
  readonly #endings = new Turns(ENDING_PER_TURN, setImmediate);
  /** The `emit` of all paced connections: listeners of their own would take half a kilobyte of each. */
  readonly #emit = emitInTurn(this.#endings);

  /** Makes a server begin its connections in turn. What arrives before is kept. */
  paceBeginnings(front: http.Server): void {
    const serve = front.listeners("connection") as ((socket: net.Socket) => void)[];
    front.removeAllListeners("connection").on("connection", (socket: net.Socket) => {
      socket.on("error", ignore);
      this.#beginnings.run(() => {
        if (socket.destroyed) return;
        socket.off("error", ignore);
        for (const listener of serve) listener.call(front, socket);
      });
    });
  }

  /** Makes the listeners of a connection learn of its end in turn. */
  paceEnding(socket: net.Socket): void {
    socket.emit = this.#emit;
  }
}
