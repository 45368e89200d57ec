import { describe, expect, it } from "vitest";
import {
  hasKeptSession,
  keepMode,
  keepSession,
  noteLeaving,
  noteReturn,
  recallMode,
} from "../../src/demo/kept-session.js";

/** A tab's storage. */
function tab(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (at) => [...items.keys()][at] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
}

function keptIn(storage: Storage): void {
  keepSession(storage)?.setItem("any", "token");
}

describe("a session", () => {
  it("is resumed by a reload", () => {
    const storage = tab();
    keptIn(storage);
    noteLeaving(storage, 1_000);
    expect(hasKeptSession(storage, 2_000)).toBe(true);
    expect(keepSession(storage)?.getItem("any")).toBe("token");
  });

  it("is forgotten when the tab comes back much later", () => {
    const storage = tab();
    keptIn(storage);
    noteLeaving(storage, 0);
    expect(hasKeptSession(storage, 3_600_000)).toBe(false);
    expect(keepSession(storage)?.getItem("any")).toBeNull();
  });

  it("stays with the first tab when it is duplicated", () => {
    const storage = tab();
    keptIn(storage);
    noteLeaving(storage, 0);
    noteReturn(storage);
    expect(hasKeptSession(storage, 10)).toBe(false);
  });

  it("is not missed where storage is refused", () => {
    expect(hasKeptSession(null, 0)).toBe(false);
    expect(keepSession(null)).toBeNull();
  });
});

it("goes back to sound alone, or to the camera where storage is full", () => {
  const storage = tab();
  keepMode(storage, "audio");
  expect(recallMode(storage)).toBe("audio");
  const full: Storage = Object.assign(tab(), {
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  });
  keepMode(full, "audio");
  expect(recallMode(full)).toBe("video");
});
