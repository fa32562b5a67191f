/** Sentences around the inbox: what was added, what was there already, what cannot be read. All inert mrkdwn. */
import type { Captured } from "../../domain/capture.ts";
import type { PauseState } from "../../domain/pause.ts";
import { COMMAND, SHORTCUT_NAMES } from "../ids.ts";
import { inertLine, link, mention, moment } from "../limits.ts";
import { pausedLine } from "./poll.ts";

export interface Added {
  title: string;
  held: PauseState | null;
  decisionsChannel: string;
  /** Where the outcome will be told. */
  tellIn: "direct message" | "thread" | "here";
}

const TOLD_IN: Record<Added["tellIn"], string> = {
  "direct message": "I will tell you in a direct message what became of it.",
  thread: "I will tell what became of it in the message's thread, or you directly where I am not a member.",
  here: "I will tell here what became of it.",
};

export function addedText({ title, held, decisionsChannel, tellIn }: Added): string {
  const when =
    held === null ? "I look at it right away." : `${pausedLine(held)} I look at it when polling goes on.`;
  return (
    `Added to the inbox: *${titleWords(title)}*\n` +
    `${when} A decision is argued by the advisers and comes to <#${decisionsChannel}> as a card; ` +
    `a task or a note goes straight to Notion. ${TOLD_IN[tellIn]}`
  );
}

export function alreadyText({ by, at, title, pageId }: Captured, userId: string): string {
  const page = pageId === null ? null : `https://app.notion.com/p/${pageId.replaceAll("-", "")}`;
  const who = by === userId ? "you" : mention(by);
  const unwritten = pageId === null ? " Notion has not taken it yet; I keep trying." : "";
  return (
    `Already in the inbox: ${link(page, titleWords(title))}, sent by ${who}, ${moment(at)}. Nothing was added.${unwritten}\n` +
    `Is there more to say? Add it to the item in Notion, or use \`${COMMAND} add\`.`
  );
}

function titleWords(title: string): string {
  return inertLine(title, 160).replace(/\*/g, "∗");
}

export function closedText(channel: string): string {
  return (
    `I could not read that thread: I am not a member of <#${channel}>. Please type \`/invite\` and my name there, and ` +
    `mention me again. A single message can be sent from anywhere: “…” on the message, then “${SHORTCUT_NAMES.capture}”.`
  );
}

export function failedText(reason: string): string {
  return `I could not take this into the inbox: ${inertLine(reason, 400)}\nI try again after each poll, and say so here when it works.`;
}

export const DELETED_TEXT =
  "The message was deleted before I could read it, so nothing was added to the inbox.";

export const WORDLESS_TEXT =
  "What should I add? Write it after my name, or mention me in a thread: then I take the whole thread.";

export const BLANK_TEXT = "Please write what should be decided, done or remembered.";

export const GARBLED_FORM =
  "I cannot read what this form carries; it may come from an older version of me. Nothing was added. Please open it again.";
