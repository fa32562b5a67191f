/**
 * Measures how long Slack waits for each acknowledgement. Over HTTP from the arrival of the request, so that a busy
 * event loop and a slow body count too; over a socket from the moment the message was read.
 */
import type { App, ReceiverEvent } from "@slack/bolt";
import type { SlackMeter } from "./ports.ts";

/** When a request arrived; forgotten with the request. */
export type Arrivals = WeakMap<object, number>;

/** Under which Bolt hands the moment of arrival on. */
export const ARRIVED_AT = "arrivedAtMs";

const TYPES = new Set([
  "event_callback",
  "block_actions",
  "view_submission",
  "view_closed",
  "message_action",
  "shortcut",
  "block_suggestion",
]);

export function timeAcks(app: App, meter: Pick<SlackMeter, "acknowledged" | "unanswered">): void {
  const processEvent = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    const arrived = event.customProperties?.[ARRIVED_AT];
    const startedAt = typeof arrived === "number" ? arrived : performance.now();
    let isAnswered = false;
    await processEvent({
      ...event,
      ack: async (answer) => {
        await event.ack(answer);
        isAnswered = true;
        meter.acknowledged({ type: typeOf(event), durationMs: performance.now() - startedAt });
      },
    });
    if (!isAnswered) meter.unanswered?.({ type: typeOf(event) });
  };
}

function typeOf({ body }: { body: ReceiverEvent["body"] | null }): string {
  if (typeof body?.["command"] === "string") return "command";
  const type: unknown = body?.["type"];
  return typeof type === "string" && TYPES.has(type) ? type : "other";
}
