/**
 * What a client knows about the elements in blocks: which can be acted on, what they hold at the start, and what
 * Slack sends when one is used. Also fills in the ids that Slack gives blocks and elements that came without. Pure.
 */
import { copyOf, isRecord, type Json, listOf, stringOf } from "../json-values.ts";
import { optionsOf } from "./compositions.ts";

export interface PlacedElement {
  blockId: string;
  actionId: string;
  element: Json;
  /** The block it stands in. */
  block: Json;
}

/** Every element with an action_id, containers, cards and carousels included. */
export function elementsIn(blocks: unknown): PlacedElement[] {
  return listOf(blocks)
    .filter(isRecord)
    .flatMap((block) => {
      const own = [
        ...listOf(block["elements"]),
        ...listOf(block["actions"]),
        block["accessory"],
        block["element"],
      ];
      const placed = own.filter(isRecord).flatMap((element) => {
        const actionId = stringOf(element["action_id"]);
        return actionId === "" ? [] : [{ blockId: stringOf(block["block_id"]), actionId, element, block }];
      });
      const nested = block["type"] === "carousel" ? block["elements"] : block["child_blocks"];
      return [...placed, ...elementsIn(nested)];
    });
}

const NOT_ACTIONABLE = new Set(["image", "plain_text", "mrkdwn", "card"]);

/** A copy with a block_id on every block and an action_id on every element that can be used. */
export function withIds(blocks: unknown, nextId: () => string): Json[] {
  return listOf(copyOf(blocks))
    .filter(isRecord)
    .map((block) => {
      block["block_id"] ??= nextId();
      const isRichText = block["type"] === "rich_text";
      const elements = [
        ...listOf(block["elements"]),
        ...listOf(block["actions"]),
        block["accessory"],
        block["element"],
      ];
      for (const element of isRichText ? [] : elements.filter(isRecord)) {
        if (!NOT_ACTIONABLE.has(stringOf(element["type"]))) element["action_id"] ??= nextId();
      }
      if (block["child_blocks"] !== undefined) block["child_blocks"] = withIds(block["child_blocks"], nextId);
      if (block["type"] === "carousel") block["elements"] = withIds(block["elements"], nextId);
      return block;
    });
}

type Slot =
  | { field: string; initial: string; kind: "one" | "many" }
  | { field: string; initial: string; kind: "option" | "options" };

const typedSlot: Slot = { field: "value", initial: "initial_value", kind: "one" };
const optionSlot: Slot = { field: "selected_option", initial: "initial_option", kind: "option" };
const optionsSlot: Slot = { field: "selected_options", initial: "initial_options", kind: "options" };

/** Elements that hold a value, and where Slack puts it. */
const slots: Record<string, Slot> = {
  plain_text_input: typedSlot,
  email_text_input: typedSlot,
  url_text_input: typedSlot,
  number_input: typedSlot,
  rich_text_input: { field: "rich_text_value", initial: "initial_value", kind: "one" },
  static_select: optionSlot,
  external_select: optionSlot,
  radio_buttons: optionSlot,
  checkboxes: optionsSlot,
  multi_static_select: optionsSlot,
  multi_external_select: optionsSlot,
  users_select: { field: "selected_user", initial: "initial_user", kind: "one" },
  multi_users_select: { field: "selected_users", initial: "initial_users", kind: "many" },
  conversations_select: { field: "selected_conversation", initial: "initial_conversation", kind: "one" },
  multi_conversations_select: {
    field: "selected_conversations",
    initial: "initial_conversations",
    kind: "many",
  },
  channels_select: { field: "selected_channel", initial: "initial_channel", kind: "one" },
  multi_channels_select: { field: "selected_channels", initial: "initial_channels", kind: "many" },
  datepicker: { field: "selected_date", initial: "initial_date", kind: "one" },
  timepicker: { field: "selected_time", initial: "initial_time", kind: "one" },
  datetimepicker: { field: "selected_date_time", initial: "initial_date_time", kind: "one" },
  file_input: { field: "files", initial: "initial_files", kind: "many" },
};

/** The value an element has before anybody touches it; null when it holds none. */
export function initialValueOf(element: Json): Json | null {
  const type = stringOf(element["type"]);
  const slot = slots[type];
  if (slot === undefined) return null;
  const empty = slot.kind === "many" || slot.kind === "options" ? [] : null;
  return { type, [slot.field]: copyOf(element[slot.initial] ?? empty) };
}

/**
 * The value after somebody chose or typed `given`: a plain string (an option's value, an id, a text; a comma list
 * where several may be chosen) or the object Slack would send. Null when the client could not have done it.
 */
export function valueAfter(element: Json, given: unknown): Json | null {
  const type = stringOf(element["type"]);
  const slot = slots[type];
  if (slot === undefined) return null;
  const raw = isRecord(given) ? given[slot.field] : given;
  if (raw === undefined) return null;
  if (slot.kind === "one") return { type, [slot.field]: raw === "" ? null : raw };
  const several = Array.isArray(raw) ? raw : typeof raw === "string" && raw !== "" ? raw.split(",") : [];
  if (slot.kind === "many") return { type, [slot.field]: several };
  if (slot.kind === "options") {
    const chosen = several.map((one) => optionFor(element, one));
    return chosen.includes(null) ? null : { type, [slot.field]: chosen };
  }
  if (raw === null || raw === "") return { type, [slot.field]: null };
  const chosen = optionFor(element, raw);
  return chosen === null ? null : { type, [slot.field]: chosen };
}

function optionFor(element: Json, choice: unknown): Json | null {
  const wanted = isRecord(choice) ? choice["value"] : choice;
  const options = optionsOf(element);
  if (stringOf(element["type"]).endsWith("external_select") && options.length === 0) {
    return isRecord(choice) ? choice : { text: { type: "plain_text", text: String(choice) }, value: choice };
  }
  return options.find((option) => option["value"] === wanted) ?? null;
}

/** True when nothing was entered: what a required input refuses. */
export function isEmptyValue(value: Json): boolean {
  return Object.entries(value).every(
    ([name, field]) => name === "type" || field === null || (Array.isArray(field) && field.length === 0),
  );
}

/** One entry of `actions` in a block_actions payload; null when the client could not have sent it. */
export function actionFor(
  placed: PlacedElement,
  use: { selected: string | undefined; actionTs: string },
): Json | null {
  const { element } = placed;
  const type = stringOf(element["type"]);
  const base = { type, action_id: placed.actionId, block_id: placed.blockId, action_ts: use.actionTs };
  if (type === "button" || type === "icon_button" || type === "workflow_button") {
    const optional = Object.fromEntries(
      ["value", "style", "url", "icon"]
        .filter((name) => element[name] !== undefined)
        .map((name) => [name, element[name]]),
    );
    return { ...base, text: copyOf(element["text"]), ...optional };
  }
  if (type === "feedback_buttons") {
    const buttons = [element["positive_button"], element["negative_button"]].filter(isRecord);
    const pressed = buttons.find((button) => button["value"] === use.selected);
    return pressed === undefined ? null : { ...base, text: copyOf(pressed["text"]), value: pressed["value"] };
  }
  if (type === "overflow") {
    const option = optionsOf(element).find((entry) => entry["value"] === use.selected);
    return option === undefined ? null : { ...base, selected_option: copyOf(option) };
  }
  const value = use.selected === undefined ? null : valueAfter(element, use.selected);
  if (value === null) return null;
  const placeholder =
    element["placeholder"] === undefined ? {} : { placeholder: copyOf(element["placeholder"]) };
  return { ...base, ...placeholder, ...copyOf(value) };
}
