/** What the HTTP side answers, as schemas: the types of the handlers and the OpenAPI document come from here. */
import { z } from "zod";

const Moment = z.iso.datetime().meta({ description: "ISO 8601, UTC" });

const ServiceFields = {
  service: z.literal("executive-mind-matrix"),
  version: z.string(),
  commit: z
    .string()
    .nullable()
    .meta({ description: "Git commit that runs; null when the platform does not say" }),
  deployment: z
    .string()
    .nullable()
    .meta({ description: "The platform's id of the deployment that answers; null when it does not say" }),
};

export const Service = z
  .strictObject({ ...ServiceFields, poller_running: z.boolean() })
  .meta({ id: "Service" });

const OverallStatus = z.enum(["healthy", "degraded", "unhealthy"]);

const Component = z
  .strictObject({
    status: z
      .enum(["ok", "degraded", "down", "unknown"])
      .meta({ description: "unknown: not checked yet, or not for a long time" }),
    checked_at: Moment.nullable(),
  })
  .meta({ id: "Component" });

const Components = z.record(z.string(), Component);

const Maintenance = z
  .strictObject({ until: Moment, message: z.string() })
  .nullable()
  .meta({ description: "null: there is none" });

export const Health = z
  .strictObject({
    status: OverallStatus,
    poller_active: z.boolean(),
    polling_interval: z.int().meta({ description: "Seconds" }),
    databases_configured: z.record(z.string(), z.boolean()),
    maintenance: Maintenance,
    checks: Components,
  })
  .meta({ id: "Health" });

export const Readiness = z
  .strictObject({ ready: z.boolean(), reason: z.string().optional() })
  .meta({ id: "Readiness" });

export const Status = z
  .strictObject({
    ...ServiceFields,
    status: OverallStatus,
    started_at: Moment,
    uptime_seconds: z.int().min(0),
    poller: z.strictObject({
      active: z.boolean().meta({ description: "The clock runs and polls are not paused" }),
      paused: z.boolean(),
      interval_seconds: z.int(),
      last_success_at: Moment.nullable(),
    }),
    maintenance: Maintenance,
    components: Components,
  })
  .meta({ id: "Status" });

export const Poll = z
  .strictObject({
    found: z.int().min(0).meta({ description: "Items waiting in the inbox" }),
    started: z.int().min(0).meta({ description: "Of those, started by this poll" }),
    waiting: z.array(z.strictObject({ count: z.int().min(1), reason: z.string() })),
    swept: z.int().min(0).meta({ description: "Decisions and edits made in Notion that were taken up" }),
  })
  .meta({ id: "Poll" });

export const WebhookReceipt = z
  .strictObject({
    status: z
      .enum(["accepted", "repeated", "ignored"])
      .meta({ description: "accepted and repeated: kept, and worked on once; ignored: nothing to act on" }),
    reason: z.string().optional().meta({ description: "Why it is ignored" }),
    key: z.string().optional().meta({ description: "Of the item; sending it again adds nothing" }),
  })
  .meta({ id: "WebhookReceipt" });

export const WebhookHandshake = z
  .strictObject({
    status: z.enum(["waiting", "received"]),
    open_until: Moment,
    verification_token: z
      .string()
      .nullable()
      .meta({ description: "What Notion sent; a secret. It becomes WEBHOOK_SECRET_NOTION" }),
  })
  .meta({ id: "WebhookHandshake" });

export const Fault = z
  .strictObject({
    error: z.enum([
      "bad_request",
      "unauthorized",
      "not_found",
      "method_not_allowed",
      "payload_too_large",
      "unsupported_media_type",
      "conflict",
      "rate_limited",
      "internal",
      "poll_failed",
      "polls_paused",
      "maintenance",
      "not_ready",
      "not_configured",
    ]),
    message: z.string().meta({ description: "What is wrong, and the fix" }),
    request_id: z.string().meta({ description: "Also in the X-Request-Id header and in the log" }),
  })
  .meta({ id: "Fault" });

export type FaultKind = z.infer<typeof Fault>["error"];
