/** What outside systems tell the bot, once it is known to be theirs and was read: work in plain JSON. */
import type { AlertEnd, AlertSignal } from "./alert.ts";
import type { NewItem } from "./item.ts";

export const SENDERS = ["inbox", "notion", "alertmanager", "railway", "sentry"] as const;
export type Sender = (typeof SENDERS)[number];

/**
 * What an outside system says about one problem of its own. `position` sorts all that it says about that problem by when
 * it happened (ISO time first): what is older than something already known changes nothing, whatever the order of arrival.
 */
export type AlertChange =
  | { kind: "raise"; position: string; signal: AlertSignal }
  /** `onlyIfKnown`: an end that is said again and again, also of what never began. */
  | { kind: "end"; position: string; end: AlertEnd; onlyIfKnown: boolean };

export type WebhookWork =
  | { kind: "alerts"; changes: AlertChange[] }
  /** Said to have changed: nobody is told before its platform confirms it. */
  | { kind: "deployment"; deploymentId: string }
  /** Notion users who made the change; empty = it does not say. */
  | { kind: "changed-in-notion"; authors: string[] }
  /** `requester`: a Slack user id, an e-mail address, or any other name. */
  | { kind: "item"; key: string; item: Omit<NewItem, "requestedBy">; requester: string | null };

/** What became of one delivery. */
export type WebhookOutcome =
  | "accepted"
  | "repeated"
  /** Understood, and nothing that the bot acts on. */
  | "ignored"
  /** Not from whom it says it is. */
  | "refused"
  /** Cannot be read. */
  | "invalid"
  /** The bot could not take it; the sender has to come again. */
  | "failed"
  /** Accepted, and its platform does not confirm it, so nobody was told. */
  | "unconfirmed"
  /** Accepted, and it was the bot's own change. */
  | "echo";
