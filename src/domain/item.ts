/** An inbox item and where it can go. */

export interface InboxRef {
  id: string;
  status: "Unprocessed" | "Processing" | "";
  /** ISO; Notion rounds it down to the minute. */
  lastEditedAt: string;
}

export interface InboxItem {
  id: string;
  url: string;
  title: string;
  /** Every rich-text run of `Content`; the page body when the property is empty. */
  content: string;
  source: string;
  /** Slack user id, or null when the item was typed in Notion. */
  requestedBy: string | null;
  createdAt: string;
  /** Under which the bot made it; absent where Notion holds none. */
  key?: string;
}

/** A message somewhere in Slack. */
export interface MessageRef {
  channel: string;
  ts: string;
}

/** A new item from Slack (`/emm add`), a form or a webhook. */
export interface NewItem {
  title: string;
  content: string;
  source: string;
  requestedBy: string | null;
}

export type ItemResult =
  | { kind: "decision"; decisionId: string; title: string }
  | { kind: "task"; taskId: string; title: string; url: string }
  | { kind: "nodes"; names: string[]; title: string }
  /** Budget reached: back to Unprocessed, not counted as a failure. */
  | { kind: "waiting"; reason: string }
  | { kind: "failed"; attempt: number; final: boolean; reason: string };
