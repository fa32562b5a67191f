/** What people send into the inbox from Slack: a form, a message, a thread; and how it reads in Notion. Pure. */
import type { MessageRef, NewItem } from "./item.ts";

export const URGENCIES = ["normal", "week", "today"] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Something that was said in Slack. Plain JSON. */
export interface Said {
  message: MessageRef;
  /** First message of its thread; its own `ts` outside threads. */
  rootTs: string;
  /** null where Slack does not tell. */
  author: string | null;
  /** "#general", "a private channel". */
  place: string;
  permalink: string | null;
}

/** Plain JSON: it is the input of a workflow. */
export interface Mention {
  message: MessageRef;
  rootTs: string;
  userId: string;
  /** As Slack sends it, with the bot's name in it. */
  text: string;
}

/** A message that was sent to the inbox before. */
export interface Captured {
  /** Slack user id. */
  by: string;
  /** ISO */
  at: string;
  title: string;
  /** null while Notion has not taken it yet. */
  pageId: string | null;
}

export interface CaptureOrder {
  /** Names the request; the same one adds once. */
  key: string;
  item: NewItem;
  message: MessageRef;
  /** Where the outcome is told: the thread. */
  origin: MessageRef;
}

export type CaptureResult = { kind: "added" } | { kind: "already"; captured: Captured };

export interface CaptureText {
  title: string;
  text: string;
  context: string;
  urgency: Urgency;
  requestedBy: string;
  said: Said | null;
}

const URGENT: Record<Urgency, string | null> = {
  normal: null,
  week: "Urgency: it has to be settled this week.",
  today: "Urgency: it has to be settled today.",
};

/** The text comes first and whole; where it was said comes last. */
export function capturedItem(capture: CaptureText): NewItem {
  const { title, text, context, urgency, requestedBy, said } = capture;
  const parts = [
    text,
    context === "" ? null : `Context: ${context}`,
    URGENT[urgency],
    said && saidLine(said),
  ];
  const content = parts.filter((part) => part !== null && part !== "").join("\n\n");
  return { title, content, source: "Slack", requestedBy };
}

function saidLine({ author, place, permalink }: Said): string {
  const who = author === null ? "Said" : `Said by ${author}`;
  return `${who} in ${place}${permalink === null ? "" : `: ${permalink}`}`;
}

/** What a message is called in the inbox's books, whoever sends it there and how. */
export function captureKey({ channel, ts }: MessageRef): string {
  return `slack-message:${channel}:${ts}`;
}
