import { describe, expect, test } from "vitest";
import {
  areBlocksTooLong,
  describeBlockError,
  type Surface,
  validateBlocks,
  validateView,
} from "../../src/sandbox/slack/blocks/validate-blocks.ts";

const text = (length: number) => "x".repeat(length);
const plain = (value: string) => ({ type: "plain_text", text: value });
const mrkdwn = (value: string) => ({ type: "mrkdwn", text: value });
const section = (value: string) => ({ type: "section", text: mrkdwn(value) });
const button = (fields: object = {}) => ({ type: "button", action_id: "go", text: plain("Go"), ...fields });
const actions = (...elements: unknown[]) => ({ type: "actions", elements });
const input = (element: object, fields: object = {}) => ({
  type: "input",
  block_id: "reason",
  label: plain("Reason"),
  element,
  ...fields,
});
const option = (value: string) => ({ text: plain(value), value });

function faults(blocks: unknown, surface: Surface = "message"): string[] {
  return validateBlocks(blocks, surface).map(describeBlockError);
}

function modal(fields: object): unknown {
  return { type: "modal", title: plain("Edit"), submit: plain("Save"), blocks: [], ...fields };
}

describe("a card as the bot builds it", () => {
  const card = [
    { type: "header", text: { type: "plain_text", text: "Raise prices?", emoji: true } },
    { type: "section", text: mrkdwn("*Options*"), fields: [mrkdwn("*Risk*\nHigh"), mrkdwn("*Impact*\n8")] },
    { type: "divider" },
    {
      type: "rich_text",
      elements: [
        { type: "rich_text_section", elements: [{ type: "text", text: "Bold", style: { bold: true } }] },
        { type: "rich_text_list", style: "bullet", elements: [{ type: "rich_text_section", elements: [] }] },
      ],
    },
    {
      type: "context",
      elements: [
        mrkdwn("by The Quant"),
        { type: "image", image_url: "https://a.example/b.png", alt_text: "logo" },
      ],
    },
    {
      type: "actions",
      block_id: "decide",
      elements: [
        button({
          style: "primary",
          value: "pipe:1",
          confirm: {
            title: plain("Sure?"),
            text: mrkdwn("No way back"),
            confirm: plain("Yes"),
            deny: plain("No"),
          },
        }),
        {
          type: "static_select",
          action_id: "option",
          options: [option("A"), option("B")],
          initial_option: option("A"),
        },
        { type: "overflow", action_id: "more", options: [option("details")] },
      ],
    },
  ];

  test("is taken in messages, modals and home tabs", () => {
    for (const surface of ["message", "modal", "home"] as const) expect(faults(card, surface)).toEqual([]);
  });
});

describe("limits are refused with a pointer, one character or item above", () => {
  const tooLong: [string, unknown, string][] = [
    [
      "header",
      [{ type: "header", text: plain(text(151)) }],
      "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ],
    [
      "section",
      [section(text(3001))],
      "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ],
    [
      "field",
      [{ type: "section", fields: [mrkdwn(text(2001))] }],
      "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ],
    [
      "fields",
      [{ type: "section", fields: Array.from({ length: 11 }, () => mrkdwn("a")) }],
      "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ],
    [
      "button text",
      [actions(button({ text: plain(text(76)) }))],
      "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ],
    [
      "button value",
      [actions(button({ value: text(2001) }))],
      "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ],
    [
      "action_id",
      [actions(button({ action_id: text(256) }))],
      "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ],
    [
      "block_id",
      [{ ...section("a"), block_id: text(256) }],
      "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ],
    [
      "context",
      [{ type: "context", elements: Array.from({ length: 11 }, () => mrkdwn("a")) }],
      "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ],
    [
      "actions",
      [actions(...Array.from({ length: 26 }, (_, n) => button({ action_id: `a${n}` })))],
      "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ],
    [
      "blocks",
      Array.from({ length: 51 }, () => ({ type: "divider" })),
      "no more than 50 items allowed [json-pointer:/blocks]",
    ],
    [
      "options",
      [
        actions({
          type: "static_select",
          action_id: "s",
          options: Array.from({ length: 101 }, (_, n) => option(`${n}`)),
        }),
      ],
      "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ],
    [
      "option text",
      [actions({ type: "static_select", action_id: "s", options: [{ text: plain(text(76)), value: "a" }] })],
      "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ],
    [
      "table columns",
      [{ type: "table", rows: [Array.from({ length: 21 }, () => ({ type: "raw_text", text: "a" }))] }],
      "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
    ],
    [
      "confirm text",
      [
        actions(
          button({
            confirm: { title: plain("a"), text: plain(text(301)), confirm: plain("a"), deny: plain("a") },
          }),
        ),
      ],
      "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]",
    ],
  ];

  test.each(tooLong)("%s", (_, blocks, message) => {
    expect(faults(blocks)).toEqual([message]);
  });

  test("what is exactly at the limit passes", () => {
    expect(faults([{ type: "header", text: plain(text(150)) }, section(text(3000))])).toEqual([]);
    expect(
      faults(
        Array.from({ length: 100 }, () => ({ type: "divider" })),
        "home",
      ),
    ).toEqual([]);
  });

  test("markdown counts over all blocks of a message", () => {
    const markdown = (length: number) => ({ type: "markdown", text: text(length) });
    expect(faults([markdown(6000), markdown(6000)])).toEqual([]);
    expect(faults([markdown(6000), markdown(6001)])).toHaveLength(1);
  });

  test("the undocumented cap on the text of a message is somewhat above 9,600 characters", () => {
    expect(
      areBlocksTooLong([section(text(3000)), section(text(3000)), section(text(3000)), section(text(597))]),
    ).toBe(false);
    expect(areBlocksTooLong(Array.from({ length: 4 }, () => section(text(2836))))).toBe(true);
  });
});

describe("malformed blocks are refused", () => {
  const malformed: [string, unknown, string][] = [
    ["empty text", [section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"],
    ["unknown block", [{ type: "nonsense" }], "unsupported type: nonsense [json-pointer:/blocks/0/type]"],
    [
      "a name of Object.prototype as type",
      [{ type: "constructor" }],
      "unsupported type: constructor [json-pointer:/blocks/0/type]",
    ],
    [
      "unknown field",
      [{ ...section("a"), colour: "red" }],
      "invalid additional property: colour [json-pointer:/blocks/0]",
    ],
    [
      "section without text",
      [{ type: "section" }],
      "missing required field: text or fields [json-pointer:/blocks/0]",
    ],
    [
      "mrkdwn header",
      [{ type: "header", text: mrkdwn("a") }],
      "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ],
    [
      "image without alt_text",
      [{ type: "image", image_url: "https://a.example/b.png" }],
      "missing required field: alt_text [json-pointer:/blocks/0]",
    ],
    [
      "string as text",
      [{ type: "section", text: "hello" }],
      "must provide an object [json-pointer:/blocks/0/text]",
    ],
    [
      "same block_id twice",
      [
        { ...section("a"), block_id: "x" },
        { ...section("b"), block_id: "x" },
      ],
      "`block_id` x already exists [json-pointer:/blocks/1/block_id]",
    ],
    [
      "same action_id in one block",
      [actions(button(), button())],
      "`action_id` go already exists [json-pointer:/blocks/0/elements/1/action_id]",
    ],
    [
      "initial option that is none",
      [
        actions({
          type: "static_select",
          action_id: "s",
          options: [option("A")],
          initial_option: option("B"),
        }),
      ],
      "must match one of the options exactly [json-pointer:/blocks/0/elements/0/initial_option]",
    ],
    [
      "button style",
      [actions(button({ style: "warning" }))],
      "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ],
    [
      "text field outside an input block",
      [actions({ type: "plain_text_input", action_id: "t" })],
      "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
    ],
    ["not a list", "[]", "must provide an array [json-pointer:/blocks]"],
  ];

  test.each(malformed)("%s", (_, blocks, message) => {
    expect(faults(blocks)).toEqual([message]);
  });

  test("the same action_id in two blocks is fine", () => {
    expect(faults([actions(button()), actions(button())])).toEqual([]);
  });

  test("blocks stand only on their surfaces", () => {
    const alert = { type: "alert", text: plain("Careful") };
    expect(faults([alert], "modal")).toEqual([]);
    expect(faults([alert], "message")).toHaveLength(1);
    expect(faults([{ type: "markdown", text: "# a" }], "home")).toHaveLength(1);
    expect(faults([{ type: "table", rows: [[{ type: "raw_text", text: "a" }]] }], "modal")).toHaveLength(1);
  });
});

describe("views", () => {
  const viewFaults = (view: unknown) => validateView(view).map(describeBlockError);
  const field = { type: "plain_text_input", action_id: "text" };

  test("a form is taken", () => {
    const view = modal({
      private_metadata: "{}",
      callback_id: "edit",
      blocks: [input({ ...field, initial_value: "why", multiline: true })],
    });
    expect(viewFaults(view)).toEqual([]);
  });

  const refused: [string, unknown, string][] = [
    [
      "long title",
      modal({ title: plain(text(25)) }),
      "must be less than 25 characters [json-pointer:/view/title/text]",
    ],
    [
      "long submit",
      modal({ submit: plain(text(25)) }),
      "must be less than 25 characters [json-pointer:/view/submit/text]",
    ],
    [
      "long metadata",
      modal({ private_metadata: text(3001) }),
      "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ],
    [
      "input without submit",
      { type: "modal", title: plain("a"), blocks: [input(field)] },
      "missing required field: submit [json-pointer:/view]",
    ],
    [
      "long initial value",
      modal({ blocks: [input({ ...field, initial_value: text(3001) })] }),
      "must be less than 3001 characters [json-pointer:/view/blocks/0/element/initial_value]",
    ],
    [
      "initial value above max_length",
      modal({ blocks: [input({ ...field, max_length: 5, initial_value: "longer" })] }),
      "must be less than 6 characters [json-pointer:/view/blocks/0/element/initial_value]",
    ],
    [
      "unknown field",
      modal({ submit_disabled: true }),
      "invalid additional property: submit_disabled [json-pointer:/view]",
    ],
    [
      "title on a home tab",
      { type: "home", title: plain("a"), blocks: [] },
      "invalid additional property: title [json-pointer:/view]",
    ],
    [
      "101 blocks",
      { type: "home", blocks: Array.from({ length: 101 }, () => ({ type: "divider" })) },
      "no more than 100 items allowed [json-pointer:/view/blocks]",
    ],
  ];

  test.each(refused)("%s", (_, view, message) => {
    expect(viewFaults(view)).toEqual([message]);
  });
});
