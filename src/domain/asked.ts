/** What the asker wrote, kept as it stood when the advisers read it: an approver need not take their word for it. */
import type { InboxItem } from "./item.ts";

export interface Asked {
  title: string;
  content: string;
  /** More was written than is kept; all of it is in Notion. */
  isCut: boolean;
  /** The row of the inbox. */
  url: string;
}

/** Ten sections of a Slack modal. */
export const ASKED_CHARS = 30_000;

export function askedOf({ title, content, url }: Pick<InboxItem, "title" | "content" | "url">): Asked {
  const isCut = title.length > ASKED_CHARS || content.length > ASKED_CHARS;
  return { title: storable(title), content: storable(content), isCut, url };
}

/** Postgres takes neither NUL nor half a character in JSON. */
function storable(text: string): string {
  return text
    .slice(0, ASKED_CHARS)
    .replaceAll("\u0000", "")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
}
