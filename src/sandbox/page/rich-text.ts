/** `rich_text` blocks as HTML: sections, lists, quotes and preformatted text. */
import { type Json, object, objects, string } from "./block-json.ts";
import { emojiFor } from "./emoji.ts";
import { type Html, html } from "./html.ts";
import type { Names } from "./mrkdwn.ts";

export function renderRichText(block: Json, names: Names): Html {
  return html`<div class="mrkdwn">${objects(block, "elements").map((part) => renderPart(part, names))}</div>`;
}

function renderPart(part: Json, names: Names): Html {
  const runs = () => objects(part, "elements").map((run) => renderRun(run, names));
  switch (part["type"]) {
    case "rich_text_list": {
      const items = objects(part, "elements").map((item) => html`<li>${renderPart(item, names)}</li>`);
      return part["style"] === "ordered" ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
    }
    case "rich_text_preformatted":
      return html`<pre>${runs()}</pre>`;
    case "rich_text_quote":
      return html`<span class="quote">${runs()}</span>`;
    default:
      return html`<span>${runs()}</span>`;
  }
}

function renderRun(run: Json, names: Names): Html {
  switch (run["type"]) {
    case "link": {
      const address = string(run, "url");
      const label = string(run, "text") || address;
      if (!/^https?:\/\//i.test(address)) return html`${label}`;
      return html`<a href="${address}" target="_blank" rel="noopener noreferrer">${label}</a>`;
    }
    case "user":
      return html`<span class="mention">@${names.user(string(run, "user_id")) ?? string(run, "user_id")}</span>`;
    case "channel":
      return html`<span class="mention">#${names.channel(string(run, "channel_id")) ?? string(run, "channel_id")}</span>`;
    case "emoji":
      return html`${emojiFor(string(run, "name")) ?? `:${string(run, "name")}:`}`;
    default:
      return styled(html`${string(run, "text")}`, object(run, "style") ?? {});
  }
}

function styled(text: Html, style: Json): Html {
  let out = text;
  if (style["code"]) out = html`<code>${out}</code>`;
  if (style["bold"]) out = html`<strong>${out}</strong>`;
  if (style["italic"]) out = html`<em>${out}</em>`;
  if (style["strike"]) out = html`<s>${out}</s>`;
  return out;
}
