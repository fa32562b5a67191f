/** Block Kit composition objects: texts, options, confirmation dialogs, images by URL or file, rich text. */
import { isDeepStrictEqual } from "node:util";
import { isRecord, type Json, listOf } from "../json-values.ts";
import {
  boolean,
  byType,
  type Check,
  complain,
  type Inspection,
  integer,
  list,
  matching,
  number,
  object,
  oneOf,
  only,
  type Shape,
  string,
  url,
} from "./checks.ts";

function textKinds(max: number): Record<string, Check> {
  return {
    plain_text: object({ required: { text: string({ max }) }, optional: { emoji: boolean } }),
    mrkdwn: object({ required: { text: string({ max }) }, optional: { verbatim: boolean } }),
  };
}

export const plainText = (max: number): Check => byType(only(textKinds(max), ["plain_text"]));
export const mrkdwnText = (max: number): Check => byType(only(textKinds(max), ["mrkdwn"]));
export const anyText = (max: number): Check => byType(textKinds(max));

export const confirmDialog: Check = object({
  required: { title: plainText(100), text: anyText(300), confirm: plainText(30), deny: plainText(30) },
  optional: { style: oneOf(["primary", "danger"]) },
});

function option(text: Check, extra: Record<string, Check> = {}): Check {
  return object({
    required: { text, value: string({ max: 75 }) },
    optional: { description: plainText(75), ...extra },
  });
}

export const menuOption: Check = option(plainText(75));
export const overflowOption: Check = option(plainText(75), { url: url(3000) });
/** Radio buttons and checkboxes also take mrkdwn. */
export const choiceOption: Check = object({
  required: { text: anyText(75), value: string({ max: 75 }) },
  optional: { description: anyText(75) },
});

export const optionGroup: Check = object({
  required: { label: plainText(75), options: list(menuOption, { max: 100 }) },
});

/** Every option of an element, groups included. */
export function optionsOf(element: Json): Json[] {
  const grouped = listOf(element["option_groups"]).flatMap((group) =>
    isRecord(group) ? listOf(group["options"]) : [],
  );
  return [...listOf(element["options"]), ...grouped].filter(isRecord);
}

/** `initial_option(s)` must repeat one of the options exactly; option values must differ. */
export function optionRules(element: Json, pointer: string, inspection: Inspection): void {
  const options = optionsOf(element);
  const values = options.map((entry) => entry["value"]);
  if (new Set(values).size !== values.length)
    complain(inspection, pointer, "option values must be unique", "duplicate_value");
  const initial = element["initial_option"];
  const chosen = initial === undefined ? listOf(element["initial_options"]) : [initial];
  const field = initial === undefined ? "initial_options" : "initial_option";
  if (options.length > 0 && chosen.some((one) => !options.some((entry) => isDeepStrictEqual(entry, one)))) {
    complain(inspection, `${pointer}/${field}`, "must match one of the options exactly");
  }
}

const slackFile: Check = object({
  optional: { id: string({ max: 255 }), url: url(3000) },
  rule: (value, pointer, inspection) => {
    if ((value["id"] === undefined) === (value["url"] === undefined))
      complain(inspection, pointer, "must provide exactly one of id or url");
  },
});

/** What images have in common: alt_text and exactly one source. */
export const imageShape = {
  required: { alt_text: string({ max: 2000 }) },
  optional: { image_url: url(3000), slack_file: slackFile },
  rule: (value: Json, pointer: string, inspection: Inspection) => {
    if ((value["image_url"] === undefined) === (value["slack_file"] === undefined))
      complain(inspection, pointer, "must provide exactly one of image_url or slack_file", "missing_field");
  },
} satisfies Shape;

const style: Check = object({
  optional: {
    bold: boolean,
    code: boolean,
    italic: boolean,
    strike: boolean,
    underline: boolean,
    highlight: boolean,
    client_highlight: boolean,
    unlink: boolean,
  },
});

function inline(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return object({ required, optional: { style, ...optional } });
}

const id = string({ max: 255 });
const inlineKinds: Record<string, Check> = {
  broadcast: inline({ range: oneOf(["here", "channel", "everyone"]) }),
  color: inline({ value: matching(/^#[0-9a-f]{3,8}$/i, "color") }),
  channel: inline({ channel_id: id }),
  date: inline({ timestamp: number, format: id }, { url: url(3000), fallback: string({ max: 3000 }) }),
  emoji: inline({ name: id }, { unicode: id, url: url(3000), skin_tone: integer({ min: 1, max: 6 }) }),
  link: inline({ url: url(3000) }, { text: string({ max: 3000 }), unsafe: boolean }),
  team: inline({ team_id: id }),
  text: inline({ text: string({ max: 40_000 }) }),
  user: inline({ user_id: id }),
  usergroup: inline({ usergroup_id: id }),
};

const section: Check = object({ required: { elements: list(byType(inlineKinds), { min: 0, max: 1000 }) } });
const border = integer({ min: 0, max: 1 });

export const richTextElement: Check = byType({
  rich_text_section: section,
  rich_text_list: object({
    required: {
      elements: list(byType({ rich_text_section: section }), { max: 1000 }),
      style: oneOf(["bullet", "ordered"]),
    },
    optional: { indent: integer({ min: 0, max: 8 }), offset: integer({ min: 0, max: 10_000 }), border },
  }),
  rich_text_quote: object({
    required: { elements: list(byType(inlineKinds), { max: 1000 }) },
    optional: { border },
  }),
  rich_text_preformatted: object({
    required: { elements: list(byType(only(inlineKinds, ["text", "link"])), { max: 1000 }) },
    optional: { border, language: id },
  }),
});

export const richText: Check = byType({
  rich_text: object({
    required: { elements: list(richTextElement, { max: 1000 }) },
    optional: { block_id: id },
  }),
});
