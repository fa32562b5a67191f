/** Which messages of Slack are in the inbox, and who sent them there. The page is known from the ledger of creates. */
import type { Captured, CaptureOrder } from "../domain/capture.ts";
import { captureKey } from "../domain/capture.ts";
import type { MessageRef } from "../domain/item.ts";
import type { Database } from "./store.ts";

export function createCaptureBook(db: Database) {
  const row = ({ channel, ts }: MessageRef) =>
    db
      .selectFrom("captures")
      .leftJoin("writes", (join) => join.on("writes.key", "=", `capture:${captureKey({ channel, ts })}`))
      .select(["order_key", "item", "origin", "captured_at", "writes.page_id"])
      .where("captures.channel", "=", channel)
      .where("captures.ts", "=", ts)
      .executeTakeFirst();
  type Row = NonNullable<Awaited<ReturnType<typeof row>>>;
  const asCaptured = ({ item, captured_at: at, page_id: pageId }: Row): Captured => ({
    by: item.requestedBy ?? "",
    at: at.toISOString(),
    title: item.title,
    pageId,
  });

  return {
    async find(message: MessageRef): Promise<Captured | null> {
      const found = await row(message);
      return found === undefined ? null : asCaptured(found);
    },
    async claim({ key, item, message, origin }: CaptureOrder, at: Date) {
      await db
        .insertInto("captures")
        .values({
          channel: message.channel,
          ts: message.ts,
          order_key: key,
          item: JSON.stringify(item),
          origin: JSON.stringify(origin),
          captured_at: at,
        })
        .onConflict((conflict) => conflict.columns(["channel", "ts"]).doNothing())
        .execute();
      const won = await row(message);
      if (won === undefined) throw new Error("a capture was deleted while it was written");
      return {
        isFirst: won.order_key === key,
        captured: asCaptured(won),
        won: { item: won.item, origin: won.origin },
      };
    },
  };
}
