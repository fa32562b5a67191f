/** Foreign values as plain text of a bearable length. Making it inert is the business of whoever shows it. */
import { createHash } from "node:crypto";

/** Longer ones are cut: a problem is named here, its place of origin has the rest. */
const TITLE_LENGTH = 250;
const DETAIL_LENGTH = 2_500;
const URL_LENGTH = 2_000;

/** PostgreSQL stores no NUL, and half a surrogate pair is no text. */
const UNSTORABLE = /(?![\n\t])\p{Cc}|\p{Surrogate}/gu;

export function plainText(value: unknown): string {
  if (typeof value === "string") return value.replace(/\r\n?/g, "\n").replace(UNSTORABLE, "").trim();
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** The first of the values that says something, on one line. */
export function titleOf(...values: unknown[]): string {
  const text = values.map((value) => plainText(value).replace(/\s+/g, " ")).find((line) => line !== "") ?? "";
  return cut(text, TITLE_LENGTH);
}

/** One line or paragraph each, empty ones left out. */
export function detailOf(...values: unknown[]): string {
  return cut(
    values
      .map(plainText)
      .filter((text) => text !== "")
      .join("\n"),
    DETAIL_LENGTH,
  );
}

/** The first of the values that is a web address. */
export function linkOf(...values: unknown[]): string | null {
  const isLink = (text: string) =>
    text.length <= URL_LENGTH && /^https?:\/\/[^\s<>|]+$/.test(text) && URL.canParse(text);
  return values.map(plainText).find(isLink) ?? null;
}

/** As ISO in UTC; null when it is no moment. Years of five digits would not sort as text. */
export function momentOf(value: unknown): string | null {
  const time = Date.parse(typeof value === "string" ? value : "");
  if (Number.isNaN(time) || time < 0 || time >= Date.UTC(10_000, 0)) return null;
  return new Date(time).toISOString();
}

/** An id of theirs as part of a key of ours; whatever does not look like an id is named by its hash. */
export function keyPart(value: unknown): string {
  const text = plainText(value);
  return /^[\w.-]{1,80}$/.test(text) ? text : digestOf(text).slice(0, 32);
}

export function digestOf(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  // Never between the halves of a surrogate pair.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(length - 2)) ? length - 2 : length - 1;
  return `${text.slice(0, end)}…`;
}
