/**
 * Rich text in requests and answers. Runs are stored as Notion's editor would hold them: neighbours with the same
 * look are one run, empty ones are gone. So what is read back has other boundaries than what was written.
 */
import { validationError } from "./api-error.ts";
import { asArray, asId, asObject, asOneOf, asText, isJson, type Json, onlyKeys } from "./shape.ts";
import type { TextRun } from "./world.ts";

/** Characters (UTF-16 units) of one run. */
export const MAX_TEXT = 2000;

const PLAIN: Json = {
  bold: false,
  italic: false,
  strikethrough: false,
  underline: false,
  code: false,
  color: "default",
};

export function parseRichText(value: unknown, path: string): TextRun[] {
  return joinRuns(asArray(value, path).map((item, index) => parseRun(item, `${path}[${index}]`)));
}

export function plainRuns(text: string): TextRun[] {
  return text === "" ? [] : [{ text, link: null, annotations: PLAIN, special: null }];
}

export function plainText(runs: TextRun[]): string {
  return runs.map((run) => run.text).join("");
}

const ITEM_KEYS = ["type", "text", "mention", "equation", "annotations", "plain_text", "href"];

function parseRun(value: unknown, path: string): TextRun {
  const item = asObject(value, path);
  onlyKeys(item, path, ITEM_KEYS);
  const annotations = { ...PLAIN, ...(isJson(item["annotations"]) ? item["annotations"] : {}) };
  const mention = item["mention"];
  if (mention !== undefined) return mentionRun(asObject(mention, `${path}.mention`), path, annotations);
  if (item["equation"] !== undefined) {
    const equation = asObject(item["equation"], `${path}.equation`);
    const expression = asText(equation["expression"], `${path}.equation.expression`, { max: 1000 });
    return {
      text: expression,
      link: null,
      annotations,
      special: { type: "equation", content: { expression } },
    };
  }
  const text = asObject(item["text"], `${path}.text`);
  onlyKeys(text, `${path}.text`, ["content", "link"]);
  const content = asText(text["content"], `${path}.text.content`, { max: MAX_TEXT });
  return { text: content, link: parseLink(text["link"], `${path}.text.link`), annotations, special: null };
}

function parseLink(value: unknown, path: string): string | null {
  if (value === undefined || value === null) return null;
  const url = asText(asObject(value, path)["url"], `${path}.url`, { max: 2000 });
  if (!url.startsWith("/") && !URL.canParse(url)) {
    throw validationError("Content creation Failed. Fix the following: Invalid URL for link.");
  }
  return url;
}

function mentionRun(mention: Json, path: string, annotations: Json): TextRun {
  const kinds = ["user", "page", "database", "date"] as const;
  const type = asOneOf(
    mention["type"] ?? kinds.find((kind) => mention[kind] !== undefined),
    `${path}.mention.type`,
    kinds,
  );
  const target = asObject(mention[type], `${path}.mention.${type}`);
  const special = (content: Json) => ({ type: "mention" as const, content: { type, [type]: content } });
  if (type === "date") {
    const start = asText(target["start"], `${path}.mention.date.start`);
    return { text: start, link: null, annotations, special: special({ start, end: null, time_zone: null }) };
  }
  const id = asId(target["id"], `${path}.mention.${type}.id`);
  const content = type === "user" ? { object: "user", id } : { id };
  return { text: `@${id}`, link: null, annotations, special: special(content) };
}

function joinRuns(runs: TextRun[]): TextRun[] {
  const joined: TextRun[] = [];
  for (const run of runs) {
    if (run.text === "") continue;
    const last = joined.at(-1);
    if (last && looksLike(last, run)) joined[joined.length - 1] = { ...last, text: last.text + run.text };
    else joined.push(run);
  }
  return joined;
}

function looksLike(a: TextRun, b: TextRun): boolean {
  if (a.special || b.special || a.link !== b.link) return false;
  return JSON.stringify(a.annotations) === JSON.stringify(b.annotations);
}

export function renderRichText(runs: TextRun[]): Json[] {
  return runs.flatMap((run) =>
    run.special
      ? [renderSpecial(run)]
      : pieces(run.text).map((content) => ({
          type: "text",
          text: { content, link: run.link === null ? null : { url: run.link } },
          annotations: run.annotations,
          plain_text: content,
          href: run.link,
        })),
  );
}

function renderSpecial(run: TextRun): Json {
  const type = run.special?.type ?? "equation";
  return {
    type,
    [type]: run.special?.content,
    annotations: run.annotations,
    plain_text: run.text,
    href: null,
  };
}

function pieces(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + MAX_TEXT, text.length);
    const unit = text.charCodeAt(end - 1);
    // Never end on the first half of a surrogate pair.
    if (end < text.length && unit >= 0xd800 && unit <= 0xdbff) end -= 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}
