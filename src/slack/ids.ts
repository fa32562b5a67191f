/** Names that travel through Slack and come back: action, block and view ids, and what buttons carry. */
import { z } from "zod";
import { type OptionId, OptionIdSchema } from "../domain/plan.ts";
import type { ReviewVerdict } from "../domain/review.ts";

export const COMMAND = "/emm";

export const ACTIONS = {
  approve: "decision_approve",
  edit: "decision_edit",
  reject: "decision_reject",
  details: "decision_details",
  /** Next and previous page of the details. */
  moreDetails: "decision_details_page",
  /** The option select on a card. In the edit modal it is an input, which dispatches nothing by itself. */
  option: "decision_option",
  moreInfo: "decision_more_info",
  undo: "decision_undo",
  /** Overflow menu; see MORE. */
  more: "decision_more",
  answer: "decision_answer",
  /** An adviser could not answer: once more. */
  askAgain: "decision_ask_again",
  reopen: "decision_reopen",
  review: "decision_review",
  batch: "decisions_batch",
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

/** One button for each answer: two in one block need different action ids. */
export const REVIEW_BUTTONS = {
  right: `${ACTIONS.review}_right`,
  partly: `${ACTIONS.review}_partly`,
  wrong: `${ACTIONS.review}_wrong`,
} as const satisfies Record<ReviewVerdict, string>;

/** Entries of a card's overflow menu. */
export const MORE = { dialectic: "dialectic", withdraw: "withdraw" } as const;

/** Two pager buttons in one block need different action ids. */
export const PREVIOUS_PAGE = `${ACTIONS.moreDetails}_previous`;

/** Callback ids of the shortcuts, and what people see in Slack's menus. */
export const SHORTCUTS = { capture: "emm_capture", new: "emm_new" } as const;
export const SHORTCUT_NAMES = { capture: "Send to inbox", new: "New inbox item" } as const;

export const VIEWS = {
  capture: "capture_view",
  edit: "decision_edit_view",
  reject: "decision_reject_view",
  breakGlass: "decision_break_glass_view",
  question: "decision_question_view",
  answer: "decision_answer_view",
  withdraw: "decision_withdraw_view",
  reopen: "decision_reopen_view",
  review: "decision_review_view",
  batch: "decisions_batch_view",
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
  breakGlassReason: { block: "break-glass_reason", action: "reason" },
  withdrawReason: { block: "withdraw_reason", action: "reason" },
  reopenReason: { block: "reopen_reason", action: "reason" },
  reviewVerdict: { block: "review_verdict", action: "verdict" },
  reviewNote: { block: "review_note", action: "note" },
  rollbackName: { block: "rollback_name", action: "name" },
  questionText: { block: "question_text", action: "text" },
  questionTo: { block: "question_to", action: "to" },
  answerText: { block: "answer_text", action: "text" },
  batchChoice: { block: "batch_choice", action: "choice" },
  batchReason: { block: "batch_reason", action: "reason" },
  snoozeHow: { block: "snooze_how", action: "how" },
  snoozeUntil: { block: "snooze_until", action: "until" },
} as const;

/** The store takes neither control characters nor halves of surrogate pairs. */
const storable = /^[^\p{Cc}\p{Surrogate}]*$/u;
const idText = z.string().min(1).max(100).regex(storable);

const DecisionValue = z.object({ id: idText, hash: z.string().min(1).max(128).regex(storable) });
export type DecisionValue = z.infer<typeof DecisionValue>;

const FormValue = z.object({ fromHome: z.boolean().optional() });

/** What a form opened from the Home tab carries; `decodeDecisionValue` reads it too. */
export function encodeHomeFormValue({ id, hash }: DecisionValue): string {
  return JSON.stringify({ id, hash, fromHome: true });
}

export function isHomeForm(metadata: string): boolean {
  return decode(FormValue, metadata)?.fromHome === true;
}

const QuestionValue = z.object({
  id: idText,
  question: z.string().min(1).max(40).regex(storable),
  /** Which try comes next, where an adviser is asked once more. */
  attempt: z.number().int().min(1).max(1_000).optional(),
});
export type QuestionValue = z.infer<typeof QuestionValue>;

export function encodeQuestionValue({ id, question, attempt }: QuestionValue): string {
  return JSON.stringify({ id, question, attempt });
}

export function decodeQuestionValue(value: string | undefined): QuestionValue | null {
  return decode(QuestionValue, value);
}

const BatchTuples = FormValue.extend({
  items: z.array(z.tuple([DecisionValue.shape.id, DecisionValue.shape.hash])).max(20),
});

/** What the form of several decisions carries. */
export interface BatchValue {
  items: DecisionValue[];
  fromHome: boolean;
}

/** A form carries 3,000 characters. */
export function encodeBatchValue({ items, fromHome }: BatchValue): string {
  return JSON.stringify({ items: items.map(({ id, hash }) => [id, hash]), ...(fromHome && { fromHome }) });
}

export function decodeBatchValue(metadata: string): BatchValue | null {
  const read = decode(BatchTuples, metadata);
  if (read === null) return null;
  return { items: read.items.map(([id, hash]) => ({ id, hash })), fromHome: read.fromHome === true };
}

const PageValue = DecisionValue.extend({ page: z.number().int().min(0).max(10_000) });
export type PageValue = z.infer<typeof PageValue>;

const ItemValue = z.object({ id: idText });
export type ItemValue = z.infer<typeof ItemValue>;

export function encodeDecisionValue(value: DecisionValue): string {
  return JSON.stringify({ id: value.id, hash: value.hash });
}

const ReviewValue = z.object({ id: idText, days: z.number().int().min(1).max(10_000) });
/** A question about a decision, named by how long after it. */
export type ReviewValue = z.infer<typeof ReviewValue>;

export function encodeReviewValue({ id, days }: ReviewValue): string {
  return JSON.stringify({ id, days });
}

export function decodeReviewValue(value: string | undefined): ReviewValue | null {
  return decode(ReviewValue, value);
}

export interface MoreValue extends DecisionValue {
  entry: keyof typeof MORE;
}

/** Entries of menus hold 75 characters, too few for JSON. */
export function encodeMoreValue({ entry, id, hash }: MoreValue): string {
  return `${entry === "dialectic" ? "d" : "w"} ${hash} ${id}`;
}

export function decodeMoreValue(value: string | undefined): MoreValue | null {
  const [, letter, hash = "", id = ""] = /^([dw]) ([!-~]{1,64}) ([!-~]{1,64})$/.exec(value ?? "") ?? [];
  return letter === undefined ? null : { entry: letter === "d" ? "dialectic" : "withdraw", id, hash };
}

export interface OptionValue extends DecisionValue {
  option: OptionId;
}

/** Of an entry in the select of options. */
export function encodeOptionValue({ option, id, hash }: OptionValue): string {
  return `${option} ${hash} ${id}`;
}

export function decodeOptionValue(value: string | undefined): OptionValue | null {
  const [, letter, hash = "", id = ""] = /^([A-D]) ([!-~]{1,64}) ([!-~]{1,64})$/.exec(value ?? "") ?? [];
  const option = OptionIdSchema.safeParse(letter);
  return option.success ? { option: option.data, id, hash } : null;
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

const RollbackValue = z.object({ id: idText, live: idText });
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
