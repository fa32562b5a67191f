/** What a person typed into a modal, in the words of Slack's `view.state.values`. */
import type { ViewValues } from "../stand-ins.ts";
import { isJson, type Json, object, objects, optionsOf, string } from "./block-json.ts";

/** One form field: block_id, action_id and the chosen or typed values. */
export interface Typed {
  block: string;
  action: string;
  values: string[];
}

export function stateValues(view: Json, typed: Typed[]): ViewValues {
  const values: ViewValues = {};
  for (const { block, element } of elementsOf(view)) {
    const found = typed.find(
      (candidate) => candidate.block === block && candidate.action === string(element, "action_id"),
    );
    if (!found) continue;
    values[block] = { ...values[block], [found.action]: elementState(element, found.values) };
  }
  return values;
}

function elementsOf(view: Json): { block: string; element: Json }[] {
  return objects(view, "blocks").flatMap((block) => {
    const elements = [object(block, "element"), object(block, "accessory"), ...objects(block, "elements")];
    return elements.filter(isJson).map((element) => ({ block: string(block, "block_id"), element }));
  });
}

function elementState(element: Json, values: string[]): Json {
  const type = string(element, "type");
  const first = values[0] || null;
  switch (type) {
    case "static_select":
    case "radio_buttons":
      return { type, selected_option: optionsNamed(element, values)[0] ?? null };
    case "checkboxes":
    case "multi_static_select":
      return { type, selected_options: optionsNamed(element, values) };
    case "users_select":
      return { type, selected_user: first };
    case "multi_users_select":
      return { type, selected_users: values };
    case "conversations_select":
      return { type, selected_conversation: first };
    case "channels_select":
      return { type, selected_channel: first };
    case "datepicker":
      return { type, selected_date: first };
    case "datetimepicker":
      // The page and the stand-in run on one machine, so its time zone is the reader's.
      return { type, selected_date_time: first === null ? null : Math.floor(Date.parse(first) / 1_000) };
    case "timepicker":
      return { type, selected_time: first };
    default:
      return { type, value: first };
  }
}

function optionsNamed(element: Json, values: string[]): Json[] {
  return optionsOf(element).filter((option) => values.includes(string(option, "value")));
}
