/**
 * How Notion's verification token gets from Notion to the operator. Notion posts it once, unsigned, to the address of the
 * webhook, when a subscription is made or asked to send it again. It is taken only while somebody who holds the API key
 * waits for it, is shown only to them, and by itself opens nothing: the operator proves it in Notion and then sets
 * WEBHOOK_SECRET_NOTION.
 */
import type { HandshakeBook, HandshakeState } from "./ports.ts";
import { valueAt } from "./sender.ts";

const OPEN_MS = 15 * 60_000;

export type Handshake = ReturnType<typeof createHandshake>;

export function createHandshake({ book, now }: { book: HandshakeBook; now: () => Date }) {
  async function current(): Promise<HandshakeState | null> {
    const state = await book.get();
    if (state === null || Date.parse(state.openUntil) > now().getTime()) return state;
    await book.forget();
    return null;
  }

  return {
    isAwaited: async (): Promise<boolean> => (await current()) !== null,
    /** Begins to wait, or says what came since. */
    async await(): Promise<HandshakeState> {
      const known = await current();
      if (known !== null) return known;
      const fresh = { openUntil: new Date(now().getTime() + OPEN_MS).toISOString(), token: null };
      await book.set(fresh);
      return fresh;
    },
    /** The latest token counts: Notion can be asked to send it again. False when nobody waits. */
    async take(token: string): Promise<boolean> {
      const known = await current();
      if (known === null) return false;
      await book.set({ ...known, token });
      return true;
    },
  };
}

export function verificationToken(payload: unknown): string | null {
  const token = valueAt(payload, "verification_token");
  return typeof token === "string" && /^[\x21-\x7e]{8,200}$/.test(token) ? token : null;
}
