/**
 * What every delivery from Slack passes before a handler sees it: a fresh timestamp, an early answer, and only once.
 * Bolt itself refuses no future timestamps and does not notice repeated deliveries.
 */
import { createHash, randomUUID } from "node:crypto";
import type {
  AllMiddlewareArgs,
  AnyMiddlewareArgs,
  App,
  ExpressReceiverOptions,
  ReceiverEvent,
  ViewResponseAction,
} from "@slack/bolt";
import { correlated, type Log } from "../log.ts";
import type { Arrivals } from "./ack-clock.ts";
import { messageModal } from "./cards/blocks.ts";
import { DEAD_FORM } from "./cards/notes.ts";
import { isReadable } from "./envelope.ts";
import { VIEWS } from "./ids.ts";
import type { DeliveryLog } from "./ports.ts";

/** Bolt checks the other direction with the same five minutes. */
const CLOCK_SKEW_SECONDS = 300;

type ExpressApp = NonNullable<ExpressReceiverOptions["app"]>;

/** Runs before the receiver on its path: refuses signatures from the future, which could be replayed until then. */
export function guardEndpoint(
  app: ExpressApp,
  path: string,
  { now, arrivals }: { now: () => Date; arrivals: Arrivals },
): void {
  app.post(path, (request, response, next) => {
    arrivals.set(request, performance.now());
    const stamp = Number(request.headers["x-slack-request-timestamp"]);
    if (stamp > now().getTime() / 1000 + CLOCK_SKEW_SECONDS) {
      response.status(401).end();
      return;
    }
    // Bolt knows this type only in its bare form; proxies add "; charset=utf-8".
    const type = request.headers["content-type"];
    if (type?.startsWith("application/x-www-form-urlencoded;")) {
      request.headers["content-type"] = "application/x-www-form-urlencoded";
    }
    next();
  });
}

/**
 * Nothing stays without an answer: what is not whole goes no further, because Bolt and the handlers take its fields for
 * granted, and a form that no handler of this version knows is told so.
 */
export function answerAll(app: App, log: Log): void {
  const processEvent = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    const answer = () => event.ack(isForm(event.body) ? DEAD_FORM_ANSWER : undefined);
    if (!isReadable(event.body)) {
      log.warn("slack request put aside: it is not as Slack sends them");
      return answer();
    }
    let isAnswered = false;
    const ack: ReceiverEvent["ack"] = async (said) => {
      isAnswered = true;
      await event.ack(said);
    };
    const answerForm: AnswerForm = async (said) => {
      if (isAnswered || !isForm(event.body)) return false;
      await ack(said);
      return true;
    };
    await processEvent({
      ...event,
      ack,
      customProperties: { ...event.customProperties, [FORM_ANSWER]: answerForm },
    });
    if (!isAnswered) await answer();
  };
}

const DEAD_FORM_ANSWER: ViewResponseAction = {
  response_action: "update",
  view: messageModal(VIEWS.message, "Nothing was changed", DEAD_FORM),
};

type MiddlewareArgs = AnyMiddlewareArgs & AllMiddlewareArgs;

/** The first to see a delivery: everything that follows from it is logged under one correlation. */
export function traced(log: Log) {
  return ({ body, next }: MiddlewareArgs): Promise<void> =>
    correlated(correlationOf(body), () => {
      log.info({ kind: wordIn(body, "type") ?? "command" }, "slack request");
      return next();
    });
}

/** Not the trigger itself: for three seconds it is a key that opens forms. A repeated delivery has the same one. */
export function correlationOf(body: object): string {
  const key = deliveryKey(body) ?? randomUUID();
  return `slack:${createHash("sha256").update(key).digest("hex").slice(0, 12)}`;
}

/** Key of Bolt's context under which an `AnswerForm` is found, for whoever tells that a handler failed. */
export const FORM_ANSWER = "answerForm";

/** False when nothing was said by it: there is no form, or its handler answered before it failed. */
export type AnswerForm = (said: ViewResponseAction) => Promise<boolean>;

/**
 * Acknowledges whatever needs no answer in the acknowledgement, before anything slow: Slack allows three seconds, and
 * without one the person sees an error. A submitted form is answered by its handler.
 */
export async function acknowledge({ body, next, ...args }: MiddlewareArgs): Promise<void> {
  const { ack } = args as { ack?: () => Promise<void> };
  if (!isForm(body)) await ack?.();
  await next();
}

/** Lets each delivery through once, on whichever replica; a repeated one is answered and dropped. */
export function onlyOnce(deliveries: DeliveryLog) {
  return async ({ body, next, ...args }: MiddlewareArgs): Promise<void> => {
    const key = deliveryKey(body);
    if (key === null || (await deliveries.isFirst(key))) return next();
    const { ack } = args as { ack?: () => Promise<void> };
    if (ack !== undefined && isForm(body)) await ack();
  };
}

function isForm(body: unknown): boolean {
  return typeof body === "object" && body !== null && "type" in body && body.type === "view_submission";
}

/**
 * Names one delivery by what stays the same when it is sent again: event_id for events, the trigger (new with
 * every interaction) otherwise. null when there is neither; such a delivery is never taken for a repeated one.
 */
export function deliveryKey(body: object): string | null {
  const event = wordIn(body, "event_id");
  if (event !== null) return `event:${event}`;
  const trigger = wordIn(body, "trigger_id");
  return trigger === null ? null : `${wordIn(body, "type") ?? "command"}:${trigger}`;
}

function wordIn(body: object, name: string): string | null {
  const value: unknown = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === "string" && value !== "" ? value : null;
}
