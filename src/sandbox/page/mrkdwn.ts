/**
 * Slack's mrkdwn as HTML. Code, links, mentions and dates are cut out first, what is left is escaped and then styled,
 * so nothing a person or a model writes can become markup.
 */
import { emojiFor } from "./emoji.ts";
import { escapeHtml, type Html, html, joinHtml } from "./html.ts";

/** Names for the ids that mentions carry. */
export interface Names {
  user(id: string): string | null;
  channel(id: string): string | null;
  group(id: string): string | null;
}

/** Stand for a cut-out piece while the rest is styled; private-use characters are taken out of the input. */
const MARK = /\uE000(\d+)\uE001/g;
const SPECIAL = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>/g;

export function renderMrkdwn(text: string, names: Names): Html {
  const pieces: Html[] = [];
  const keep = (piece: Html) => `\uE000${pieces.push(piece) - 1}\uE001`;
  const cut = text
    .replaceAll(/[\uE000\uE001]/g, "")
    .replaceAll(SPECIAL, (_all, fence?: string, code?: string, angle?: string) => {
      if (fence !== undefined) return keep(html`<pre>${decode(fence).replace(/^\n|\n$/g, "")}</pre>`);
      if (code !== undefined) return keep(html`<code>${decode(code)}</code>`);
      return keep(renderAngle(angle ?? "", names));
    });
  const lines = groupLines(cut.split("\n"));
  const markup = lines.replaceAll(MARK, (_all, index: string) => pieces[Number(index)]?.markup ?? "");
  return { markup };
}

/** Plain text with emoji names, line breaks kept by the style sheet. */
export function renderPlain(text: string): Html {
  return { markup: withEmoji(escapeHtml(decode(text))) };
}

function decode(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function groupLines(lines: string[]): string {
  let out = "";
  lines.forEach((line, i) => {
    const quote = /^(?:>|&gt;) ?(.*)$/.exec(line);
    const item = /^(\s*)([•◦▪-]|\d+\.)\s+(.*)$/.exec(line);
    if (quote) out += `<span class="quote">${style(quote[1] ?? "")}</span>`;
    else if (item)
      out += `<span class="li${item[1] ? " li2" : ""}"><span>${item[2]}</span><span>${style(item[3] ?? "")}</span></span>`;
    else out += style(line) + (i < lines.length - 1 ? "\n" : "");
  });
  return out;
}

function style(line: string): string {
  let text = escapeHtml(decode(line));
  for (const [sign, tag] of [
    ["\\*", "strong"],
    ["_", "em"],
    ["~", "s"],
  ] as const) {
    const pattern = new RegExp(
      `(^|[\\s\\p{P}\\p{S}\uE001])${sign}(?=\\S)([^\\n]*?\\S)${sign}(?=$|[\\s\\p{P}\\p{S}\uE000])`,
      "gu",
    );
    text = text.replaceAll(pattern, `$1<${tag}>$2</${tag}>`);
  }
  return withEmoji(text);
}

function withEmoji(text: string): string {
  return text.replaceAll(/:([a-z0-9_+-]+):/g, (all, name: string) => emojiFor(name) ?? all);
}

function renderAngle(inside: string, names: Names): Html {
  const [head = "", ...rest] = inside.split("|");
  const label = rest.length > 0 ? decode(rest.join("|")) : null;
  const id = head.slice(1);
  if (head.startsWith("@")) return html`<span class="mention">@${names.user(id) ?? label ?? id}</span>`;
  if (head.startsWith("#")) return html`<span class="mention">#${names.channel(id) ?? label ?? id}</span>`;
  if (head.startsWith("!date^")) return renderDate(head.slice(6), label);
  if (head.startsWith("!subteam^"))
    return html`<span class="mention">@${names.group(head.slice(9)) ?? label ?? head.slice(9)}</span>`;
  if (head.startsWith("!")) return html`<span class="mention loud">@${label ?? id}</span>`;
  return renderLink(decode(head), label);
}

function renderLink(address: string, label: string | null): Html {
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return html`&lt;${address}${label ? `|${label}` : ""}&gt;`;
  return html`<a href="${address}" target="_blank" rel="noopener noreferrer">${label ?? address}</a>`;
}

/** `1700000000^{date_short} at {time}^link`; a form Slack does not know falls back to the label. */
function renderDate(inside: string, fallback: string | null): Html {
  const [seconds = "", form = ""] = inside.split("^");
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime()) || seconds === "") return html`${fallback ?? inside}`;
  const words = form.replaceAll(/\{(\w+)\}/g, (all, name: string) => dateWords(at, name) ?? all);
  return joinHtml([html`<time datetime="${at.toISOString()}" title="${at.toISOString()}">${words}</time>`]);
}

function dateWords(at: Date, name: string): string | null {
  const show = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en", options).format(at);
  if (name === "time") return show({ hour: "numeric", minute: "2-digit" });
  if (name === "time_secs") return show({ hour: "numeric", minute: "2-digit", second: "2-digit" });
  if (name === "ago") return `${Math.max(0, Math.round((Date.now() - at.getTime()) / 60_000))} minutes ago`;
  if (name.endsWith("_pretty") && at.toDateString() === new Date().toDateString()) return "today";
  const base = name.replace(/_pretty$/, "");
  if (base === "date_num") return at.toISOString().slice(0, 10);
  if (base === "date") return show({ month: "long", day: "numeric", year: "numeric" });
  if (base === "date_short") return show({ month: "short", day: "numeric", year: "numeric" });
  if (base === "date_long") return show({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
  return null;
}
