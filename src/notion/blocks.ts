/** The little the bot does with page bodies: read what people typed there, and hold what no property can. */

import { toAppError } from "./failures.ts";
import type { Clock, Gateway } from "./gateway.ts";
import { type Json, listAt, recordAt, stringAt, valueAt } from "./lenient-json.ts";
import { encodeText, plainText, type TextRun } from "./properties.ts";

/** Well below Notion's 500 KB for a request. */
export const REQUEST_TEXT_BYTES = 400_000;
/** People nest lists and toggles; deeper than this nobody reads. */
const MAX_DEPTH = 3;
const APPEND_ROUNDS = 3;
const APPEND_PAUSE_MS = 2000;

/** Text that did not fit into the property of this name. */
export interface Overflow {
  property: string;
  text: string;
}

interface Door {
  gateway: Gateway;
  clock: Clock;
}

export async function listChildren(gateway: Gateway, blockId: string): Promise<unknown[]> {
  const blocks: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page: unknown = await gateway.read({
      route: "GET /v1/blocks/:id/children",
      method: "get",
      path: `blocks/${blockId}/children`,
      query: { page_size: 100, ...(cursor !== null && { start_cursor: cursor }) },
    });
    blocks.push(...listAt(page, "results"));
    cursor = stringAt(page, "next_cursor");
  } while (cursor !== null);
  return blocks;
}

/** The body of a page as plain lines. */
export async function bodyText(gateway: Gateway, blockId: string, depth = 1): Promise<string> {
  const lines: string[] = [];
  for (const block of await listChildren(gateway, blockId)) {
    lines.push(blockLine(block));
    const id = stringAt(block, "id");
    const isOwnPage = ["child_page", "child_database"].includes(stringAt(block, "type") ?? "");
    if (valueAt(block, "has_children") === true && id !== null && !isOwnPage && depth < MAX_DEPTH)
      lines.push(await bodyText(gateway, id, depth + 1));
  }
  return lines.filter((line) => line !== "").join("\n");
}

function blockLine(block: unknown): string {
  const content = recordAt(block, stringAt(block, "type") ?? "");
  const cells = listAt(content, "cells").map((cell) => (Array.isArray(cell) ? plainText(cell) : ""));
  if (cells.length > 0) return cells.join(" | ");
  const words = [listAt(content, "rich_text"), listAt(content, "caption")].map(plainText).filter(Boolean);
  if (words.length > 0) return words.join("\n");
  return stringAt(content, "expression") ?? stringAt(content, "url") ?? stringAt(content, "title") ?? "";
}

export function paragraph(text: string): Json | null {
  const { runs } = encodeText(text, { bytesLeft: REQUEST_TEXT_BYTES });
  return runs.length > 0 ? { object: "block", type: "paragraph", paragraph: { rich_text: runs } } : null;
}

/**
 * Puts overflow into code blocks, captioned "<property>, part 2" and so on. Looks before it appends, so it may
 * be called again after anything.
 */
export async function keepOverflow(door: Door, pageId: string, overflow: Overflow[]): Promise<void> {
  const wanted = overflow.flatMap(codeBlocks);
  for (let round = 1; ; round++) {
    const present = (await listChildren(door.gateway, pageId)).map(codeText);
    const failure = await appendAll(door.gateway, pageId, withoutPresent(wanted, present));
    if (failure === null) return;
    if (round === APPEND_ROUNDS) throw failure;
    await door.clock.sleep(APPEND_PAUSE_MS);
  }
}

async function appendAll(gateway: Gateway, pageId: string, blocks: CodeBlock[]) {
  const route = "PATCH /v1/blocks/:id/children";
  for (const { block } of blocks) {
    const path = `blocks/${pageId}/children`;
    const answer = await gateway.create({ route, method: "patch", path, body: { children: [block] } });
    if (answer.kind === "unknown") return toAppError(answer.failure, { route, isCreate: true });
  }
  return null;
}

interface CodeBlock {
  text: string;
  block: Json;
}

/** Two parts may read the same, so each block that is there accounts for one part. */
function withoutPresent(wanted: CodeBlock[], present: string[]): CodeBlock[] {
  const left = [...present];
  return wanted.filter(({ text }) => {
    const at = left.indexOf(text);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}

function codeBlocks({ property, text }: Overflow): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  for (let left = text; left !== ""; ) {
    const { runs, rest } = encodeText(left, { bytesLeft: REQUEST_TEXT_BYTES });
    const block = codeBlock(`${property}, part ${blocks.length + 2}`, runs);
    blocks.push({ text: left.slice(0, left.length - rest.length), block });
    left = rest;
  }
  return blocks;
}

function codeBlock(caption: string, runs: TextRun[]): Json {
  const code = { language: "json", rich_text: runs, caption: [{ type: "text", text: { content: caption } }] };
  return { object: "block", type: "code", code };
}

function codeText(block: unknown): string {
  return plainText(listAt(recordAt(block, "code"), "rich_text"));
}
