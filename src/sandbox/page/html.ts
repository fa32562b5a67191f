/** HTML that is escaped unless it was made here: every hole of html`…` is text, except what html`…` itself returned. */

/** Markup that is safe to send. */
export interface Html {
  readonly markup: string;
}

type Hole = string | number | Html | Html[] | null | undefined | false;

export function html(parts: TemplateStringsArray, ...holes: Hole[]): Html {
  const markup = parts.map((part, i) => (i < holes.length ? part + fill(holes[i]) : part)).join("");
  return { markup };
}

export function joinHtml(pieces: Html[]): Html {
  return { markup: pieces.map((piece) => piece.markup).join("") };
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function fill(hole: Hole): string {
  if (hole === null || hole === undefined || hole === false) return "";
  if (Array.isArray(hole)) return joinHtml(hole).markup;
  if (typeof hole === "object") return hole.markup;
  return escapeHtml(String(hole));
}
