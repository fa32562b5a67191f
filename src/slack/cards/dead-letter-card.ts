/** The card of an item that failed for good. Pure. */
import type { DeadLetter } from "../../domain/decision.ts";
import { ACTIONS, encodeItemValue } from "../ids.ts";
import { inert, inertLine, link, moment, oneLine, sentence } from "../limits.ts";
import { actions, type Block, button, context, header, type Message, section } from "./blocks.ts";
import { nameOf } from "./decision-parts.ts";

export function deadLetterCard(letter: DeadLetter): Message {
  const { state } = letter;
  const name = oneLine(letter.title) || "Inbox item";
  const id = (part: string) => `${state.kind}_${letter.attempts}_${part}`;
  const times = letter.attempts === 1 ? "1 attempt" : `${letter.attempts} attempts`;
  const summary = `Could not be handled after ${times}: ${inertLine(name, 200)}`;
  const fate: Record<typeof state.kind, string> = {
    open: "Waiting for somebody to retry or ignore it.",
    retried: "Back in the inbox.",
    ignored: "Ignored. It stays in Notion as Failed.",
  };
  const by = state.kind === "open" ? "" : ` ${verb(state.kind)} by ${nameOf(state.by)}, ${moment(state.at)}.`;
  return {
    text: `${sentence(summary)} ${fate[state.kind]}${by}`,
    blocks: [
      header(id("title"), name),
      section(
        id("reason"),
        `*Failed after ${times}*, ${moment(letter.failedAt)}\n${inert(letter.reason, 1500, "whole text in Notion") || "No reason was given."}`,
      ),
      context(id("state"), `${fate[state.kind]}${by}`, link(letter.itemUrl, "Item in Notion")),
      ...(state.kind === "open" ? [buttons(letter, id("actions"), name)] : []),
    ],
  };
}

function verb(kind: "retried" | "ignored"): string {
  return kind === "retried" ? "Retried" : "Ignored";
}

function buttons(letter: DeadLetter, blockId: string, name: string): Block {
  const value = encodeItemValue({ id: letter.itemId });
  return actions(blockId, [
    button({
      action: ACTIONS.deadLetterRetry,
      text: "Retry",
      value,
      label: `Retry: ${name}`,
      style: "primary",
    }),
    button({ action: ACTIONS.deadLetterIgnore, text: "Ignore", value, label: `Ignore: ${name}` }),
  ]);
}
