/** Small constructors for Block Kit. They clip to Slack's limits; what goes in must be inert already. */
import type { types } from "@slack/bolt";
import { cleanText, clip, LIMITS } from "../limits.ts";

export type Block = types.KnownBlock;
export type Modal = types.ModalView;
export type Home = types.HomeView;

/** `text` is what notifications and screen readers get; `blocks` may be empty. */
export interface Message {
  text: string;
  blocks: Block[];
}

/** plain_text without emoji codes: shown exactly as written. Never empty, Slack refuses that. */
export function plain(text: string, max: number = LIMITS.sectionText): types.PlainTextElement {
  const clean = clip(cleanText(text), max);
  return { type: "plain_text", text: clean.trim() === "" ? "–" : clean, emoji: false };
}

/** `verbatim` keeps Slack from turning bare URLs and @names into links. */
function mrkdwn(text: string, max: number): types.MrkdwnElement {
  return { type: "mrkdwn", text: text.length <= max ? text : clip(text, max), verbatim: true };
}

export function header(blockId: string, text: string): Block {
  return { type: "header", block_id: blockId, text: plain(text, LIMITS.headerText) };
}

export function section(blockId: string, text: string): Block {
  return { type: "section", block_id: blockId, text: mrkdwn(text, LIMITS.sectionText) };
}

export function plainSection(blockId: string, text: string): Block {
  return { type: "section", block_id: blockId, text: plain(text) };
}

export function context(blockId: string, ...lines: string[]): Block {
  const elements = lines.slice(0, LIMITS.contextElements).map((line) => mrkdwn(line, LIMITS.sectionText));
  return { type: "context", block_id: blockId, elements };
}

export function divider(blockId: string): Block {
  return { type: "divider", block_id: blockId };
}

export type ActionElement = types.Button | types.StaticSelect | types.Overflow;

export function actions(blockId: string, elements: ActionElement[]): Block {
  return { type: "actions", block_id: blockId, elements };
}

export interface MenuEntry {
  text: string;
  value: string;
}

function entries(list: MenuEntry[]): types.PlainTextOption[] {
  return list.map(({ text, value }) => ({
    text: plain(clip(cleanText(text).replace(/\s+/g, " "), LIMITS.optionText), LIMITS.optionText),
    value,
  }));
}

/** At least one entry. */
export function select(action: string, placeholder: string, list: MenuEntry[]): types.StaticSelect {
  return {
    type: "static_select",
    action_id: action,
    placeholder: plain(placeholder, LIMITS.placeholder),
    options: entries(list.slice(0, LIMITS.selectOptions)),
  };
}

/** One to five entries. */
export function overflow(action: string, list: MenuEntry[]): types.Overflow {
  return { type: "overflow", action_id: action, options: entries(list) };
}

export interface ButtonWords {
  action: string;
  text: string;
  value: string;
  /** What a screen reader says, e.g. "Approve: hire a designer". */
  label: string;
  style?: "primary" | "danger";
}

export function button({ action, text, value, label, style }: ButtonWords): types.Button {
  return {
    type: "button",
    action_id: action,
    text: { type: "plain_text", text: clip(text, LIMITS.buttonText), emoji: false },
    value,
    accessibility_label: clip(cleanText(label).replace(/\s+/g, " "), LIMITS.accessibilityLabel),
    ...(style ? { style } : {}),
  };
}

export interface TextInput {
  block: string;
  action: string;
  label: string;
  hint?: string;
  initial: string;
  optional: boolean;
  multiline: boolean;
  minLength?: number;
}

export function textInput(input: TextInput): Block {
  const initial = cleanText(input.initial);
  return {
    type: "input",
    block_id: input.block,
    optional: input.optional,
    label: plain(input.label, LIMITS.inputLabel),
    ...(input.hint ? { hint: plain(input.hint, LIMITS.inputLabel) } : {}),
    element: {
      type: "plain_text_input",
      action_id: input.action,
      multiline: input.multiline,
      ...(input.minLength === undefined ? {} : { min_length: input.minLength }),
      max_length: LIMITS.inputText,
      ...(initial === "" ? {} : { initial_value: initial }),
    },
  };
}

/** A modal that only says something. */
export function messageModal(callbackId: string, title: string, text: string): Modal {
  return {
    type: "modal",
    callback_id: callbackId,
    title: plain(title, LIMITS.viewTitle),
    close: plain("Close", LIMITS.viewTitle),
    blocks: [section("message", text)],
  };
}

/** Lines of inert mrkdwn as a message: one paragraph per 3,000 characters, broken between lines only. */
export function textMessage(text: string): Message {
  const paragraphs: string[] = [];
  for (const line of text.split("\n")) {
    const last = paragraphs.at(-1);
    if (last !== undefined && last.length + line.length < LIMITS.sectionText) {
      paragraphs[paragraphs.length - 1] = `${last}\n${line}`;
    } else paragraphs.push(line);
  }
  const blocks = paragraphs.filter((paragraph) => paragraph.trim() !== "");
  return {
    text: clip(text, LIMITS.messageText - 100),
    blocks: blocks.map((paragraph, index) => section(`text_${index}`, paragraph)),
  };
}
