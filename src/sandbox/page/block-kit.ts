/**
 * Block Kit as HTML, for messages, modals and the Home tab. Covers what the bot sends; a block it cannot draw is shown
 * as a visible note with its JSON, never left out. What elements do when used is up to the page's script, which finds
 * their ids in data attributes.
 */
import { renderElement, renderField, type Scene } from "./block-elements.ts";
import { isJson, type Json, object, objects, string, textOf } from "./block-json.ts";
import { type Html, html } from "./html.ts";
import { renderMrkdwn, renderPlain } from "./mrkdwn.ts";
import { renderRichText } from "./rich-text.ts";

export function renderBlocks(blocks: unknown[], scene: Scene): Html[] {
  return blocks.map((block) => renderSafely(block, scene));
}

function renderSafely(block: unknown, scene: Scene): Html {
  if (!isJson(block)) return cannotRender("a block that is no object", block);
  try {
    return renderBlock(block, scene);
  } catch (error) {
    return cannotRender(error instanceof Error ? error.message : "unknown", block);
  }
}

function cannotRender(what: string, block: unknown): Html {
  const json = JSON.stringify(block, null, 2) ?? "";
  return html`<details class="cannot"><summary>Cannot render: ${what}</summary><pre>${json}</pre></details>`;
}

function renderBlock(block: Json, scene: Scene): Html {
  switch (block["type"]) {
    case "header":
      return html`<h3 class="bk-header">${renderPlain(textOf(block, "text"))}</h3>`;
    case "divider":
      return html`<hr class="bk-divider">`;
    case "section":
      return renderSection(block, scene);
    case "context":
      return html`<div class="bk-context">${objects(block, "elements").map((item) => contextItem(item, scene))}</div>`;
    case "actions":
      return html`<div class="bk-actions">${objects(block, "elements").map((element) =>
        renderElement(element, string(block, "block_id"), scene),
      )}</div>`;
    case "input":
      return renderField(block, scene);
    case "image":
      return renderImage(block);
    case "rich_text":
      return renderRichText(block, scene.names);
    case "markdown":
      return html`<div class="mrkdwn">${renderMrkdwn(markdownToMrkdwn(string(block, "text")), scene.names)}</div>`;
    case "alert":
      return html`<div class="bk-alert ${string(block, "level")}" role="note">${renderText(block, "text", scene)}</div>`;
    case "table":
      return renderTable(block, scene);
    default:
      return cannotRender(`block of type "${string(block, "type")}"`, block);
  }
}

function renderSection(block: Json, scene: Scene): Html {
  const accessory = object(block, "accessory");
  const fields = objects(block, "fields").map(
    (field) => html`<div class="mrkdwn">${renderTextObject(field, scene)}</div>`,
  );
  const text = object(block, "text");
  return html`<div class="bk-section"><div class="bk-main">${
    text && html`<div class="mrkdwn">${renderTextObject(text, scene)}</div>`
  }${fields.length > 0 && html`<div class="bk-fields">${fields}</div>`}</div>${
    accessory &&
    html`<div class="bk-accessory">${renderElement(accessory, string(block, "block_id"), scene)}</div>`
  }</div>`;
}

function contextItem(item: Json, scene: Scene): Html {
  if (item["type"] === "image") return renderImage(item);
  return html`<span class="mrkdwn">${renderTextObject(item, scene)}</span>`;
}

/** Nothing is loaded from elsewhere, so an image is its description. */
function renderImage(block: Json): Html {
  return html`<span class="bk-image" role="img" aria-label="${string(block, "alt_text")}">🖼 ${string(block, "alt_text")}</span>`;
}

function renderTable(block: Json, scene: Scene): Html {
  const rows = Array.isArray(block["rows"]) ? block["rows"].filter(Array.isArray) : [];
  return html`<table class="bk-table">${rows.map(
    (row) => html`<tr>${row.filter(isJson).map((cell) => html`<td>${tableCell(cell, scene)}</td>`)}</tr>`,
  )}</table>`;
}

function tableCell(cell: Json, scene: Scene): Html {
  if (cell["type"] === "rich_text") return renderRichText(cell, scene.names);
  return html`${String(cell["text"] ?? cell["value"] ?? "")}`;
}

function renderText(from: Json, key: string, scene: Scene): Html {
  const text = object(from, key);
  return text ? renderTextObject(text, scene) : html``;
}

function renderTextObject(text: Json, scene: Scene): Html {
  const words = string(text, "text");
  return text["type"] === "plain_text" ? renderPlain(words) : renderMrkdwn(words, scene.names);
}

/** Enough of Markdown for a model's prose: bold, headings, links. */
function markdownToMrkdwn(text: string): string {
  return text
    .replaceAll(/^#{1,6}\s+(.+)$/gm, "*$1*")
    .replaceAll(/\*\*([^*\n]+)\*\*/g, "*$1*")
    .replaceAll(/\[([^\]\n]+)\]\((https?:[^)\s]+)\)/g, "<$2|$1>");
}

/** A message without blocks. */
export function renderMessageText(text: string, scene: Scene): Html {
  return html`<div class="mrkdwn">${renderMrkdwn(text, scene.names)}</div>`;
}
