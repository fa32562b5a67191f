/** Names that travel through Slack and come back: action, block and view ids, and what buttons carry. */
import { z } from "zod";

export const COMMAND = "/emm";

export const ACTIONS = {
  approve: "decision_approve",
  edit: "decision_edit",
  reject: "decision_reject",
  details: "decision_details",
  /** Next and previous page of the details. */
  moreDetails: "decision_details_page",
  /** The option select in the edit modal; an input, so it dispatches nothing by itself. */
  option: "decision_option",
  deadLetterRetry: "deadletter_retry",
  deadLetterIgnore: "deadletter_ignore",
  /** Opens the form in which a rollback is confirmed. */
  rollback: "rollback_confirm",
  alertAck: "alert_ack",
  alertSnooze: "alert_snooze",
  alertResolve: "alert_resolve",
  homeNew: "home_new",
  homePoll: "home_poll",
  homeDigest: "home_digest",
} as const;

/** Two pager buttons in one block need different action ids. */
export const PREVIOUS_PAGE = `${ACTIONS.moreDetails}_previous`;

/** Callback ids of the shortcuts, and what people see in Slack's menus. */
export const SHORTCUTS = { capture: "emm_capture", new: "emm_new" } as const;
export const SHORTCUT_NAMES = { capture: "Send to inbox", new: "New inbox item" } as const;

export const VIEWS = {
  capture: "capture_view",
  edit: "decision_edit_view",
  reject: "decision_reject_view",
  snooze: "alert_snooze_view",
  rollback: "rollback_confirm_view",
  /** Read-only modals; they are never submitted. */
  details: "decision_details_view",
  message: "message_view",
} as const;

/** block_id and action_id of every input. */
export const INPUTS = {
  captureText: { block: "capture_text", action: "text" },
  captureContext: { block: "capture_context", action: "context" },
  captureUrgency: { block: "capture_urgency", action: "urgency" },
  option: { block: "edit_option", action: ACTIONS.option },
  risk: { block: "edit_risk", action: "risk" },
  resources: { block: "edit_resources", action: "resources" },
  tasks: { block: "edit_tasks", action: "tasks" },
  reason: { block: "edit_reason", action: "reason" },
  rejectReason: { block: "reject_reason", action: "reason" },
  rollbackName: { block: "rollback_name", action: "name" },
  snoozeHow: { block: "snooze_how", action: "how" },
  snoozeUntil: { block: "snooze_until", action: "until" },
} as const;

const DecisionValue = z.object({ id: z.string().min(1).max(100), hash: z.string().min(1).max(128) });
export type DecisionValue = z.infer<typeof DecisionValue>;

const FormValue = DecisionValue.extend({ fromHome: z.boolean().optional() });

/** What a form opened from the Home tab carries; `decodeDecisionValue` reads it too. */
export function encodeHomeFormValue({ id, hash }: DecisionValue): string {
  return JSON.stringify({ id, hash, fromHome: true });
}

export function isHomeForm(metadata: string): boolean {
  return decode(FormValue, metadata)?.fromHome === true;
}

const PageValue = DecisionValue.extend({ page: z.number().int().min(0).max(10_000) });
export type PageValue = z.infer<typeof PageValue>;

const ItemValue = z.object({ id: z.string().min(1).max(100) });
export type ItemValue = z.infer<typeof ItemValue>;

export function encodeDecisionValue(value: DecisionValue): string {
  return JSON.stringify({ id: value.id, hash: value.hash });
}

/** null for anything that is not ours. */
export function decodeDecisionValue(value: string | undefined): DecisionValue | null {
  return decode(DecisionValue, value);
}

export function encodePageValue(value: PageValue): string {
  return JSON.stringify({ id: value.id, hash: value.hash, page: value.page });
}

export function decodePageValue(value: string | undefined): PageValue | null {
  return decode(PageValue, value);
}

const RollbackValue = z.object({ id: z.string().min(1).max(100), live: z.string().min(1).max(100) });
/** Deployment to go back to, and the one that was live when it was offered. */
export type RollbackValue = z.infer<typeof RollbackValue>;

export function encodeRollbackValue(value: RollbackValue): string {
  return JSON.stringify({ id: value.id, live: value.live });
}

export function decodeRollbackValue(value: string | undefined): RollbackValue | null {
  return decode(RollbackValue, value);
}

export function encodeItemValue(value: ItemValue): string {
  return JSON.stringify({ id: value.id });
}

/** `isList`: clicked in a private list, which does not change by itself. */
const AlertValue = ItemValue.extend({ isList: z.boolean().optional() });
export type AlertValue = z.infer<typeof AlertValue>;

export function encodeAlertValue({ id, isList }: AlertValue): string {
  return JSON.stringify(isList ? { id, isList } : { id });
}

export function decodeAlertValue(value: string | undefined): AlertValue | null {
  return decode(AlertValue, value);
}

export function decodeItemValue(value: string | undefined): ItemValue | null {
  return decode(ItemValue, value);
}

function decode<T>(schema: z.ZodType<T>, value: string | undefined): T | null {
  let raw: unknown;
  try {
    raw = JSON.parse(value ?? "");
  } catch {
    return null;
  }
  const parsed = schema.safeParse(raw);
  return parsed.success ? parsed.data : null;
}
