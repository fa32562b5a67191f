/** What the ways into the inbox need from the rest of the bot. */
import type { Captured, CaptureOrder, CaptureResult, Mention } from "../domain/capture.ts";
import type { MessageRef } from "../domain/item.ts";
import type { Capture } from "./ports.ts";

export interface CaptureDesk extends Capture {
  /** null = this message is not in the inbox. */
  captured(message: MessageRef): Promise<Captured | null>;
  /** Durable once it returns. The same message adds once, whoever sends it. */
  addMessage(order: CaptureOrder): Promise<CaptureResult>;
  /** Durable once it returns; the same mention once. What comes of it is told in the thread. */
  captureThread(mention: Mention): Promise<void>;
}
