/**
 * Interactive Block Kit elements as HTML. `data-act` tells the page's script what to send, `data-input` marks a value
 * of the form; both carry block_id and action_id.
 */
import { isJson, type Json, object, objects, optionsOf, string, textOf } from "./block-json.ts";
import { type Html, html } from "./html.ts";
import { type Names, renderMrkdwn, renderPlain } from "./mrkdwn.ts";

/** What a drawing needs to know about where it is. */
export interface Scene {
  names: Names;
  people: { id: string; name: string }[];
  channels: { id: string; name: string }[];
  /** Field errors by block_id. */
  errors: Record<string, string>;
}

export function renderElement(element: Json, blockId: string, scene: Scene): Html {
  switch (element["type"]) {
    case "button":
    case "workflow_button":
      return renderButton(element, blockId);
    case "overflow":
      return renderOverflow(element, blockId);
    case "image":
      return html`<span class="bk-image" role="img" aria-label="${string(element, "alt_text")}">🖼</span>`;
    default:
      return renderInput(element, {
        blockId,
        scene,
        sendsAction: true,
        label: textOf(element, "placeholder"),
      });
  }
}

function confirmJson(element: Json): string {
  const confirm = object(element, "confirm");
  if (!confirm) return "";
  const words = ["title", "text", "confirm", "deny"].map((key) => [key, textOf(confirm, key)]);
  return JSON.stringify({ ...Object.fromEntries(words), danger: confirm["style"] === "danger" });
}

function renderButton(element: Json, blockId: string): Html {
  const url = string(element, "url");
  const label = string(element, "accessibility_label");
  const inside = renderPlain(textOf(element, "text"));
  const ids = html`data-act="click" data-block="${blockId}" data-action="${string(element, "action_id")}" data-confirm="${confirmJson(element)}"${
    label && html` aria-label="${label}"`
  }`;
  if (/^https?:\/\//i.test(url))
    return html`<a class="button" href="${url}" target="_blank" rel="noopener noreferrer" ${ids}>${inside}</a>`;
  return html`<button type="button" class="button ${string(element, "style")}" ${ids}>${inside}</button>`;
}

function renderOverflow(element: Json, blockId: string): Html {
  const items = optionsOf(element).map((option) => {
    const inside = renderPlain(textOf(option, "text"));
    return html`<button type="button" data-act="click" data-block="${blockId}" data-action="${string(element, "action_id")}" data-selected="${string(option, "value")}" data-confirm="${confirmJson(element)}">${inside}</button>`;
  });
  return html`<details class="overflow"><summary class="button" role="button" aria-haspopup="true" aria-label="More actions" title="More actions">⋯</summary><div>${items}</div></details>`;
}

/** An `input` block: label, element, hint and error. */
export function renderField(block: Json, scene: Scene): Html {
  const element = object(block, "element") ?? {};
  const blockId = string(block, "block_id");
  const label = textOf(block, "label");
  const isGroup = ["checkboxes", "radio_buttons"].includes(string(element, "type"));
  const body = renderInput(element, {
    blockId,
    scene,
    sendsAction: block["dispatch_action"] === true,
    label,
  });
  const title = html`${renderPlain(label)}${block["optional"] === true && html` <span class="optional">(optional)</span>`}`;
  const hint = textOf(block, "hint");
  const error = scene.errors[blockId];
  const notes = html`${hint && html`<span class="hint">${renderPlain(hint)}</span>`}${
    error && html`<span class="field-error" role="alert">${error}</span>`
  }`;
  const state = error ? "field has-error" : "field";
  if (isGroup) return html`<fieldset class="${state}"><legend>${title}</legend>${body}${notes}</fieldset>`;
  return html`<label class="${state}"><span class="field-label">${title}</span>${body}${notes}</label>`;
}

interface Place {
  blockId: string;
  scene: Scene;
  /** Choosing sends a block_actions at once, as in messages and `dispatch_action` inputs. */
  sendsAction: boolean;
  label: string;
}

function renderInput(element: Json, place: Place): Html {
  const type = string(element, "type");
  const ids = html`data-input="${type}" data-block="${place.blockId}" data-action="${string(element, "action_id")}"${
    place.sendsAction && html` data-act="choose" aria-label="${place.label || "Choose"}"`
  }`;
  switch (type) {
    case "plain_text_input":
    case "rich_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return renderTextInput(element, ids);
    case "datepicker":
      return html`<input type="date" ${ids} value="${string(element, "initial_date")}">`;
    case "timepicker":
      return html`<input type="time" ${ids} value="${string(element, "initial_time")}">`;
    case "datetimepicker":
      return html`<input type="datetime-local" ${ids}>`;
    case "checkboxes":
    case "radio_buttons":
      return renderChoices(element, ids, place);
    default:
      if (type.endsWith("_select")) return renderSelect(element, ids, place.scene);
      return html`<span class="cannot">Cannot render: element of type "${type}"</span>`;
  }
}

function renderTextInput(element: Json, ids: Html): Html {
  const initial = typeof element["initial_value"] === "string" ? element["initial_value"] : "";
  const limits = html`${element["max_length"] !== undefined && html` maxlength="${String(element["max_length"])}"`} placeholder="${textOf(element, "placeholder")}"`;
  if (element["multiline"] === true)
    return html`<textarea rows="4" ${ids}${limits}>${`\n${initial}`}</textarea>`;
  const type = element["type"] === "number_input" ? "number" : "text";
  return html`<input type="${type}" ${ids}${limits} value="${initial}">`;
}

function renderSelect(element: Json, ids: Html, scene: Scene): Html {
  const type = string(element, "type");
  const isMulti = type.startsWith("multi_");
  const chosen = initialValues(element);
  const options = choicesOf(element, scene).map(
    ({ value, label }) =>
      html`<option value="${value}"${chosen.includes(value) && html` selected`}>${label}</option>`,
  );
  const placeholder = textOf(element, "placeholder") || "Choose…";
  const none = !isMulti && html`<option value="">${placeholder}</option>`;
  return html`<select ${ids}${isMulti && html` multiple`} data-confirm="${confirmJson(element)}">${none}${options}</select>`;
}

function choicesOf(element: Json, scene: Scene): { value: string; label: Html }[] {
  const type = string(element, "type");
  if (type.includes("users_"))
    return scene.people.map(({ id, name }) => ({ value: id, label: html`${name}` }));
  if (type.includes("channels_") || type.includes("conversations_"))
    return scene.channels.map(({ id, name }) => ({ value: id, label: html`#${name}` }));
  return optionsOf(element).map((option) => ({
    value: string(option, "value"),
    label: renderPlain(textOf(option, "text")),
  }));
}

function initialValues(element: Json): string[] {
  const one = object(element, "initial_option");
  const many = objects(element, "initial_options");
  const ids = [element["initial_user"], element["initial_channel"], element["initial_conversation"]];
  return [
    ...(one ? [string(one, "value")] : []),
    ...many.map((option) => string(option, "value")),
    ...ids.filter((id) => typeof id === "string"),
  ];
}

function renderChoices(element: Json, ids: Html, place: Place): Html {
  const kind = element["type"] === "checkboxes" ? "checkbox" : "radio";
  const chosen = initialValues(element);
  const name = `${place.blockId}:${string(element, "action_id")}`;
  const choices = objects(element, "options").map((option) => {
    const value = string(option, "value");
    const description = object(option, "description");
    return html`<label class="choice"><input type="${kind}" name="${name}" value="${value}"${chosen.includes(value) && html` checked`}><span>${choiceText(option, place.scene)}${
      isJson(description) && html`<span class="hint">${renderPlain(string(description, "text"))}</span>`
    }</span></label>`;
  });
  return html`<div class="choices" role="group" ${ids}>${choices}</div>`;
}

function choiceText(option: Json, scene: Scene): Html {
  const text = object(option, "text") ?? {};
  return text["type"] === "mrkdwn"
    ? renderMrkdwn(string(text, "text"), scene.names)
    : renderPlain(string(text, "text"));
}
