/** What a Web API method gets and how it fails. Owns the reading of arguments (form fields are all strings). */
import { type BlockError, describeBlockError, validateBlocks } from "./blocks/validate-blocks.ts";
import { isRecord, type Json, listOf, parseJson } from "./json-values.ts";
import type { Workspace } from "./workspace.ts";

export interface MethodCall {
  args: Json;
  workspace: Workspace;
}

export type Method = (call: MethodCall) => Json;

/** Answered as `{ ok: false, error, ...details }` with status 200. */
export class SlackRefusal extends Error {
  override readonly name = "SlackRefusal";
  readonly error: string;
  readonly details: Json;

  constructor(error: string, details: Json = {}) {
    super(error);
    this.error = error;
    this.details = details;
  }
}

/** "" when absent. Numbers are what JSON callers send for ids and timestamps by mistake; Slack takes them. */
export function textArg(args: Json, name: string): string {
  const value = args[name];
  return typeof value === "number" ? String(value) : typeof value === "string" ? value : "";
}

export function flagArg(args: Json, name: string): boolean {
  const value = args[name];
  return value === true || value === "true" || value === "1" || value === 1;
}

/** Slack's own limit applies where the caller asks for more; an unreadable number is `invalid_limit`. */
export function limitArg(args: Json, limits: { fallback: number; max: number }): number {
  const raw = textArg(args, "limit");
  if (raw === "") return limits.fallback;
  const limit = Number(raw);
  if (!Number.isInteger(limit) || limit < 0) throw new SlackRefusal("invalid_limit");
  return limit === 0 ? limits.fallback : Math.min(limit, limits.max);
}

/** An argument that is JSON: parsed from a form field, or taken as it is. Undefined when absent. */
export function jsonArg(args: Json, name: string, badFormat: string): unknown {
  const value = args[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") return value;
  const parsed = parseJson(value);
  if (parsed === undefined) throw new SlackRefusal(badFormat);
  return parsed;
}

/** Checked for messages; undefined when the argument was not given. */
export function messageBlocksArg(args: Json): unknown[] | undefined {
  const blocks = jsonArg(args, "blocks", "invalid_blocks_format");
  if (blocks === undefined) return undefined;
  if (!Array.isArray(blocks)) throw new SlackRefusal("invalid_blocks_format");
  refuseInvalid("invalid_blocks", validateBlocks(blocks, "message"));
  return listOf(blocks);
}

/** Slack names every fault with its JSON pointer. */
export function refuseInvalid(error: string, faults: BlockError[]): void {
  if (faults.length === 0) return;
  const messages = faults.map(describeBlockError);
  throw new SlackRefusal(error, {
    errors: messages,
    response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) },
  });
}

/** Cuts one page out of a list. The cursor is opaque to callers. */
export function page<T>(
  items: T[],
  args: Json,
  limits: { fallback: number; max: number },
): { items: T[]; nextCursor: string } {
  const limit = limitArg(args, limits);
  const cursor = textArg(args, "cursor");
  const offset = cursor === "" ? 0 : offsetIn(cursor);
  const end = offset + limit;
  const next = end < items.length ? Buffer.from(`offset:${end}`).toString("base64") : "";
  return { items: items.slice(offset, end), nextCursor: next };
}

function offsetIn(cursor: string): number {
  const match = /^offset:(\d+)$/.exec(Buffer.from(cursor, "base64").toString());
  if (match === null) throw new SlackRefusal("invalid_cursor");
  return Number(match[1]);
}

/** `{event_type, event_payload}`, values flat or objects of flat values; undefined when not given. */
export function metadataArg(args: Json): unknown {
  const metadata = jsonArg(args, "metadata", "invalid_metadata_format");
  if (metadata === undefined) return undefined;
  if (!isRecord(metadata)) throw new SlackRefusal("invalid_metadata_format");
  if (Object.keys(metadata).length === 0) return null;
  if (typeof metadata["event_type"] !== "string" || !isRecord(metadata["event_payload"]))
    throw new SlackRefusal("invalid_metadata_format");
  const isFlat = (value: unknown) => ["string", "number", "boolean"].includes(typeof value);
  const isAllowed = (value: unknown): boolean =>
    isFlat(value) ||
    (isRecord(value) && Object.values(value).every(isFlat)) ||
    (Array.isArray(value) && value.every((one) => isRecord(one) && Object.values(one).every(isFlat)));
  if (!Object.values(metadata["event_payload"]).every(isAllowed))
    throw new SlackRefusal("invalid_metadata_schema");
  return metadata;
}
