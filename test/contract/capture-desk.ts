/** The desk of captures, small and in memory. */
import { type Captured, captureKey, type Mention } from "../../src/domain/capture.ts";
import type { NewItem } from "../../src/domain/item.ts";
import type { CaptureDesk } from "../../src/slack/capture-ports.ts";

export interface CaptureBooks {
  added: { key: string; item: NewItem }[];
  /** By captureKey. */
  captured: Map<string, Captured>;
  mentions: Mention[];
}

export function createCaptureDesk(books: CaptureBooks): CaptureDesk {
  return {
    add: async (key, item) => void books.added.push({ key, item }),
    captured: async (message) => books.captured.get(captureKey(message)) ?? null,
    async addMessage({ key, item, message }) {
      const captured = books.captured.get(captureKey(message));
      if (captured !== undefined) return { kind: "already", captured };
      const by = item.requestedBy ?? "";
      const at = "2026-11-21T12:00:00Z";
      books.captured.set(captureKey(message), { by, at, title: item.title, pageId: "page-1" });
      books.added.push({ key, item });
      return { kind: "added" };
    },
    captureThread: async (mention) => void books.mentions.push(mention),
  };
}
