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

export const Health = z
  .strictObject({
    status: OverallStatus,
    poller_active: z.boolean(),
    polling_interval: z.int().meta({ description: "Seconds" }),
    databases_configured: z.record(z.string(), z.boolean()),
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
      active: z.boolean(),
      interval_seconds: z.int(),
      last_success_at: Moment.nullable(),
    }),
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

export const Fault = z
  .strictObject({
    error: z.enum([
      "bad_request",
      "unauthorized",
      "not_found",
      "method_not_allowed",
      "payload_too_large",
      "rate_limited",
      "internal",
      "poll_failed",
      "not_ready",
      "not_configured",
    ]),
    message: z.string().meta({ description: "What is wrong, and the fix" }),
    request_id: z.string().meta({ description: "Also in the X-Request-Id header and in the log" }),
  })
  .meta({ id: "Fault" });

export type FaultKind = z.infer<typeof Fault>["error"];
