/**
 * Lists and cursors. A cursor names the next entry and the list it belongs to; it is opaque, and it stops being
 * valid when its entry has left the list in the meantime.
 */
import { createHash } from "node:crypto";
import { validationError } from "./api-error.ts";
import type { Json } from "./shape.ts";

export interface PageRequest {
  /** Says which list this is: the same filter and sorts give the same text. */
  listKey: string;
  cursor: unknown;
  pageSize: number;
}

export interface Slice<T> {
  entries: T[];
  nextCursor: string | null;
}

export function slicePage<T extends { id: string }>(entries: T[], request: PageRequest): Slice<T> {
  const { listKey, cursor, pageSize } = request;
  const start = cursor === undefined || cursor === null ? 0 : startOf(entries, listKey, cursor);
  const next = entries[start + pageSize];
  return {
    entries: entries.slice(start, start + pageSize),
    nextCursor: next ? encodeCursor(listKey, next.id) : null,
  };
}

function startOf(entries: { id: string }[], listKey: string, cursor: unknown): number {
  const [mark, id] = typeof cursor === "string" ? Buffer.from(cursor, "base64url").toString().split("|") : [];
  const start = mark === markOf(listKey) ? entries.findIndex((entry) => entry.id === id) : -1;
  if (start < 0) throw validationError(`The start_cursor provided is invalid: ${String(cursor)}`);
  return start;
}

function encodeCursor(listKey: string, id: string): string {
  return Buffer.from(`${markOf(listKey)}|${id}`).toString("base64url");
}

function markOf(listKey: string): string {
  return createHash("sha256").update(listKey).digest("hex").slice(0, 16);
}

export function listBody(type: string, results: Json[], nextCursor: string | null): Json {
  return {
    object: "list",
    results,
    next_cursor: nextCursor,
    has_more: nextCursor !== null,
    type,
    [type]: {},
  };
}
