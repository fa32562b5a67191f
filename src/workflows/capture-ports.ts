/** What capturing messages needs from the world. */
import type { Captured, CaptureOrder, Mention, Said } from "../domain/capture.ts";
import type { MessageRef, NewItem } from "../domain/item.ts";
import type { PauseState } from "../domain/pause.ts";

export interface CaptureBook {
  find(message: MessageRef): Promise<Captured | null>;
  /** The first order for a message wins, and is the first again when it is repeated. `won` is what the winner wanted. */
  claim(
    order: CaptureOrder,
    at: Date,
  ): Promise<{ isFirst: boolean; captured: Captured; won: Pick<CaptureOrder, "item" | "origin"> }>;
}

export type ThreadReading =
  /** `said.message` is what counts as sent to the inbox: the mention, or the message that opens the thread. */
  | { kind: "read"; item: NewItem; said: Said }
  /** The bot is no member there. */
  | { kind: "closed" }
  | { kind: "deleted" }
  /** The bot's name and nothing else. */
  | { kind: "wordless" };

export type MentionEnd =
  | { kind: "added"; title: string; held: PauseState | null }
  | { kind: "already"; captured: Captured }
  | { kind: "closed" | "deleted" | "wordless" }
  | { kind: "failed"; reason: string };

export interface CaptureWall {
  readThread(mention: Mention): Promise<ThreadReading>;
  /** In the thread, else in a direct message; once per mention and kind of end. */
  tell(mention: Mention, end: MentionEnd): Promise<void>;
}
