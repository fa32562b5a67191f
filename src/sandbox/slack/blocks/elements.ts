/** Block Kit elements: everything that sits inside a block, with Slack's limits for each. */
import { isRecord } from "../json-values.ts";
import {
  boolean,
  type Check,
  complain,
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
import {
  choiceOption,
  confirmDialog,
  imageShape,
  menuOption,
  optionGroup,
  optionRules,
  overflowOption,
  plainText,
  richText,
} from "./compositions.ts";

const id = string({ max: 255 });
const date = matching(/^\d{4}-\d{2}-\d{2}$/, "date");
const time = matching(/^([01]\d|2[0-3]):[0-5]\d$/, "time");
const colour = oneOf(["primary", "danger"]);
const accessibilityLabel = string({ max: 75 });
const placeholder = plainText(150);
const dispatchConfig: Check = object({
  optional: {
    trigger_actions_on: list(oneOf(["on_enter_pressed", "on_character_entered"]), { max: 2 }),
  },
});

/** An element that can send an action. */
function interactive(shape: Shape): Check {
  return object({ ...shape, optional: { action_id: id, ...shape.optional } });
}

/** A menu or picker. */
function picker(shape: Shape): Check {
  const common = { confirm: confirmDialog, focus_on_load: boolean, placeholder };
  return interactive({ ...shape, optional: { ...common, ...shape.optional } });
}

/** A field one types into. */
function typed(shape: Shape): Check {
  const common = { dispatch_action_config: dispatchConfig, focus_on_load: boolean, placeholder };
  return interactive({ ...shape, optional: { ...common, ...shape.optional } });
}

const maxSelected = { max_selected_items: integer({ min: 1, max: 100 }) };
const conversationFilter: Check = object({
  optional: {
    include: list(oneOf(["im", "mpim", "private", "public"]), { max: 4 }),
    exclude_external_shared_channels: boolean,
    exclude_bot_users: boolean,
  },
});

function staticMenu(extra: Record<string, Check>): Check {
  return picker({
    optional: {
      options: list(menuOption, { max: 100 }),
      option_groups: list(optionGroup, { max: 100 }),
      ...extra,
    },
    rule: (value, pointer, inspection) => {
      if ((value["options"] === undefined) === (value["option_groups"] === undefined))
        complain(
          inspection,
          pointer,
          "must provide exactly one of options or option_groups",
          "missing_field",
        );
      optionRules(value, pointer, inspection);
    },
  });
}

function choices(extra: Record<string, Check>): Check {
  return interactive({
    required: { options: list(choiceOption, { max: 10 }) },
    optional: { confirm: confirmDialog, focus_on_load: boolean, ...extra },
    rule: optionRules,
  });
}

const plainTextInput = typed({
  optional: {
    initial_value: string({ min: 0, max: 3000 }),
    multiline: boolean,
    min_length: integer({ min: 0, max: 3000 }),
    max_length: integer({ min: 1, max: 3000 }),
  },
  rule: (value, pointer, inspection) => {
    const { min_length: min, max_length: max, initial_value: initial } = value;
    if (typeof min === "number" && typeof max === "number" && min > max)
      complain(inspection, `${pointer}/min_length`, "must be less than or equal to max_length");
    if (typeof initial === "string" && typeof max === "number" && initial.length > max)
      complain(inspection, `${pointer}/initial_value`, `must be less than ${max + 1} characters`);
  },
});

const numeric = matching(/^-?\d+(\.\d+)?$/, "number");
const feedbackButton: Check = object({
  required: { text: plainText(75), value: string({ max: 2000 }) },
  optional: { accessibility_label: accessibilityLabel },
});

export const elementKinds: Record<string, Check> = {
  button: interactive({
    required: { text: plainText(75) },
    optional: {
      value: string({ max: 2000 }),
      url: url(3000),
      style: colour,
      confirm: confirmDialog,
      accessibility_label: accessibilityLabel,
    },
  }),
  image: object(imageShape),
  overflow: interactive({
    required: { options: list(overflowOption, { max: 5 }) },
    optional: { confirm: confirmDialog },
    rule: optionRules,
  }),
  checkboxes: choices({ initial_options: list(choiceOption, { max: 10 }) }),
  radio_buttons: choices({ initial_option: choiceOption }),
  static_select: staticMenu({ initial_option: menuOption }),
  multi_static_select: staticMenu({ initial_options: list(menuOption, { max: 100 }), ...maxSelected }),
  external_select: picker({
    optional: { initial_option: menuOption, min_query_length: integer({ min: 0, max: 100 }) },
  }),
  multi_external_select: picker({
    optional: {
      initial_options: list(menuOption, { max: 100 }),
      min_query_length: integer({ min: 0, max: 100 }),
      ...maxSelected,
    },
  }),
  users_select: picker({ optional: { initial_user: id } }),
  multi_users_select: picker({ optional: { initial_users: list(id, { max: 100 }), ...maxSelected } }),
  conversations_select: picker({
    optional: {
      initial_conversation: id,
      default_to_current_conversation: boolean,
      response_url_enabled: boolean,
      filter: conversationFilter,
    },
  }),
  multi_conversations_select: picker({
    optional: {
      initial_conversations: list(id, { max: 100 }),
      default_to_current_conversation: boolean,
      filter: conversationFilter,
      ...maxSelected,
    },
  }),
  channels_select: picker({ optional: { initial_channel: id, response_url_enabled: boolean } }),
  multi_channels_select: picker({ optional: { initial_channels: list(id, { max: 100 }), ...maxSelected } }),
  datepicker: picker({ optional: { initial_date: date } }),
  timepicker: picker({ optional: { initial_time: time, timezone: id } }),
  datetimepicker: interactive({
    optional: {
      initial_date_time: integer({ min: 1_000_000_000, max: 9_999_999_999 }),
      confirm: confirmDialog,
      focus_on_load: boolean,
    },
  }),
  plain_text_input: plainTextInput,
  rich_text_input: typed({
    optional: {
      initial_value: richText,
      min_lines: integer({ min: 1, max: 100 }),
      max_lines: integer({ min: 1, max: 100 }),
    },
  }),
  email_text_input: typed({ optional: { initial_value: string({ max: 3000 }) } }),
  url_text_input: typed({ optional: { initial_value: string({ max: 3000 }) } }),
  number_input: typed({
    required: { is_decimal_allowed: boolean },
    optional: { initial_value: numeric, min_value: numeric, max_value: numeric },
  }),
  file_input: interactive({
    optional: { filetypes: list(id, { max: 100 }), max_files: integer({ min: 1, max: 10 }) },
  }),
  workflow_button: interactive({
    required: {
      text: plainText(75),
      workflow: object({
        required: {
          trigger: object({
            required: { url: url(3000) },
            optional: {
              customizable_input_parameters: list(
                object({ required: { name: id, value: string({ min: 0, max: 3000 }) } }),
                { max: 100 },
              ),
            },
          }),
        },
      }),
    },
    optional: { style: colour, accessibility_label: accessibilityLabel },
  }),
  feedback_buttons: interactive({
    required: { positive_button: feedbackButton, negative_button: feedbackButton },
  }),
  icon_button: interactive({
    required: { icon: oneOf(["trash"]), text: plainText(75) },
    optional: {
      value: string({ max: 2000 }),
      confirm: confirmDialog,
      accessibility_label: accessibilityLabel,
      visible_to_user_ids: list(id, { max: 100 }),
    },
  }),
};

const menus = [
  "static_select",
  "external_select",
  "users_select",
  "conversations_select",
  "channels_select",
  "multi_static_select",
  "multi_external_select",
  "multi_users_select",
  "multi_conversations_select",
  "multi_channels_select",
];
const pickers = [...menus, "checkboxes", "radio_buttons", "datepicker", "timepicker"];

export const actionsElements = only(elementKinds, [
  ...pickers,
  "button",
  "overflow",
  "datetimepicker",
  "workflow_button",
  "rich_text_input",
]);
/** No datetimepicker: Slack refuses it as an accessory. */
export const sectionAccessories = only(elementKinds, [
  ...pickers,
  "button",
  "overflow",
  "image",
  "workflow_button",
]);
export const inputElements = only(elementKinds, [
  ...pickers,
  "datetimepicker",
  "plain_text_input",
  "rich_text_input",
  "email_text_input",
  "url_text_input",
  "number_input",
  "file_input",
]);

/** Table cells that are not rich text. */
export const rawCells: Record<string, Check> = {
  raw_text: object({ required: { text: string({ max: 10_000 }) } }),
  raw_number: object({ required: { value: number, text: string({ max: 10_000 }) } }),
};

export const urlSource: Check = object({ required: { url: url(3000), text: string({ max: 3000 }) } });

export function hasFocusOnLoad(element: unknown): boolean {
  return isRecord(element) && element["focus_on_load"] === true;
}
