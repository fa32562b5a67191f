/** Messages and threads from Slack on their way into the inbox: each message once, whoever sends it. */
import {
  type Captured,
  type CaptureOrder,
  type CaptureResult,
  captureKey,
  type Mention,
} from "../domain/capture.ts";
import type { MessageRef, NewItem } from "../domain/item.ts";
import type { PauseView } from "../domain/pause.ts";
import type { CaptureBook, CaptureWall, MentionEnd } from "./capture-ports.ts";
import { registerWorkflow, StepFailed, startOnce, step } from "./engine.ts";

export interface CaptureDeps {
  book: CaptureBook;
  wall: CaptureWall;
  inbox: { add(key: string, item: NewItem, origin: MessageRef | null): Promise<void> };
  pause: PauseView;
  now: () => Date;
}

/** Call before the engine is launched. */
export function registerCaptures({ book, wall, inbox, pause, now }: CaptureDeps) {
  /** Also for the loser: a process may have died between the winner's claim and its start. */
  const addOnce = async (
    order: CaptureOrder,
    { isFirst, captured, won }: Awaited<ReturnType<CaptureBook["claim"]>>,
  ): Promise<CaptureResult> => {
    await inbox.add(captureKey(order.message), won.item, won.origin);
    return isFirst ? { kind: "added" } : { kind: "already", captured };
  };

  const take = async (mention: Mention, at: string): Promise<MentionEnd> => {
    const reading = await step(`read:${at}`, () => wall.readThread(mention));
    if (reading.kind !== "read") return { kind: reading.kind };
    const { item, said } = reading;
    const origin = { channel: mention.message.channel, ts: mention.rootTs };
    const order = { key: `mention:${at}`, item, message: said.message, origin };
    const claim = await step(`claim:${at}`, () => book.claim(order, now()));
    const result = await addOnce(order, claim);
    if (result.kind === "already") return result;
    return { kind: "added", title: item.title, held: await step(`held:${at}`, () => pause.state()) };
  };

  const takeOrAdmit = async (mention: Mention, at: string): Promise<MentionEnd> => {
    try {
      return await take(mention, at);
    } catch (error) {
      if (error instanceof StepFailed) {
        const end = { kind: "failed", reason: error.message } as const;
        await step(`admit:${at}`, () => wall.tell(mention, end));
      }
      throw error;
    }
  };

  const thread = registerWorkflow("capture-thread", async (mention: Mention): Promise<void> => {
    const at = `${mention.message.channel}:${mention.message.ts}`;
    const end = await takeOrAdmit(mention, at);
    await step(`tell:${at}`, () => wall.tell(mention, end));
  });

  return {
    add: inbox.add,
    captured: (message: MessageRef): Promise<Captured | null> => book.find(message),
    /** Durable once it returns. */
    addMessage: async (order: CaptureOrder): Promise<CaptureResult> =>
      addOnce(order, await book.claim(order, now())),
    /** Durable once it returns; the same mention once. */
    async captureThread(mention: Mention): Promise<void> {
      const { channel, ts } = mention.message;
      await startOnce(`capture-thread:${channel}:${ts}`, thread, mention);
    },
  };
}
