/** What the Slack client refuses before it sends a form: empty required inputs and texts of the wrong length. */
import { isEmptyValue } from "./blocks/interactive-elements.ts";
import { isRecord, listOf, recordOf, stringOf } from "./json-values.ts";
import type { StoredView } from "./workspace.ts";

/** By block_id; empty = the form may be sent. */
export function missingInputs(view: StoredView): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const block of listOf(view.view["blocks"]).filter(isRecord)) {
    if (block["type"] !== "input") continue;
    const element = recordOf(block["element"]);
    const blockId = stringOf(block["block_id"]);
    const value = view.state[blockId]?.[stringOf(element["action_id"])];
    if (value === undefined || isEmptyValue(value)) {
      if (block["optional"] !== true) errors[blockId] = "Please complete this required field.";
      continue;
    }
    const fault = typeof value["value"] === "string" ? textFault(element, value["value"]) : null;
    if (fault !== null) errors[blockId] = fault;
  }
  return errors;
}

function textFault(element: Record<string, unknown>, text: string): string | null {
  const min = Number(element["min_length"] ?? 0);
  const max = Number(element["max_length"] ?? 3000);
  if (text.length < min) return `Must be at least ${min} characters.`;
  if (text.length > max) return `Must be at most ${max} characters.`;
  switch (element["type"]) {
    case "email_text_input":
      return /^\S+@\S+\.\S+$/.test(text) ? null : "Please enter a valid email address.";
    case "url_text_input":
      return /^https?:\/\/\S+$/.test(text) ? null : "Please enter a valid URL.";
    case "number_input":
      return numberFault(element, text);
    default:
      return null;
  }
}

function numberFault(element: Record<string, unknown>, text: string): string | null {
  const pattern = element["is_decimal_allowed"] === true ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!pattern.test(text)) return "Please enter a valid number.";
  const min = element["min_value"];
  const max = element["max_value"];
  if (typeof min === "string" && Number(text) < Number(min)) return `Must be at least ${min}.`;
  if (typeof max === "string" && Number(text) > Number(max)) return `Must be at most ${max}.`;
  return null;
}
