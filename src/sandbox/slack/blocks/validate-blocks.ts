/**
 * Says what Slack would refuse about blocks and views, as Slack says it. Owns the rules that span blocks (counts,
 * unique ids, cumulative lengths) and the view frame. Strict where sources differ: what passes here passes in
 * Slack. Knows nothing of HTTP or of the stand-in's world. Pure.
 */
import { isRecord, type Json, listOf, stringOf } from "../json-values.ts";
import {
  type BlockError,
  boolean,
  byType,
  type Check,
  complain,
  type Inspection,
  object,
  type Surface,
  string,
} from "./checks.ts";
import { plainText } from "./compositions.ts";
import { hasFocusOnLoad } from "./elements.ts";
import { blocksOn } from "./layouts.ts";

export type { BlockError, Surface } from "./checks.ts";

const MAX_BLOCKS: Record<Surface, number> = { message: 50, modal: 100, home: 100 };
const MAX_MARKDOWN_CHARS = 12_000;
const MAX_TABLE_CHARS = 10_000;
const MAX_VIEW_BYTES = 250_000;
/** Undocumented; 9,597 characters were accepted and 11,341 refused (slackapi/bolt-js#2867). */
const MAX_MESSAGE_TEXT_CHARS = 10_000;
/** With markdown blocks; 13,202 was measured as the ceiling of a message (slackapi/bolt-js#2509). */
const MAX_MESSAGE_TOTAL_CHARS = 13_200;

/** Empty = Slack takes them. */
export function validateBlocks(blocks: unknown, surface: Surface, pointer = "/blocks"): BlockError[] {
  const inspection: Inspection = { surface, errors: [] };
  inspectBlocks(blocks, pointer, inspection);
  return inspection.errors;
}

/** A whole view, as passed to views.open, views.update, views.push and views.publish. */
export function validateView(view: unknown, pointer = "/view"): BlockError[] {
  const surface: Surface = isRecord(view) && view["type"] === "home" ? "home" : "modal";
  const inspection: Inspection = { surface, errors: [] };
  byType({ modal: modalFrame, home: homeFrame })(view, pointer, inspection);
  return inspection.errors;
}

export function isViewTooLarge(view: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(view) ?? "") > MAX_VIEW_BYTES;
}

/** The cap that chat.postMessage and chat.update answer with `msg_blocks_too_long`; response_url has none. */
export function areBlocksTooLong(blocks: unknown): boolean {
  const markdown = markdownChars(blocks);
  const others = listOf(blocks).filter((block) => !(isRecord(block) && block["type"] === "markdown"));
  const text = textChars(others);
  return text > MAX_MESSAGE_TEXT_CHARS || text + markdown > MAX_MESSAGE_TOTAL_CHARS;
}

/** As Slack words it in `response_metadata.messages`, less the "[ERROR] ". */
export function describeBlockError(error: BlockError): string {
  return `${error.message} [json-pointer:${error.pointer}]`;
}

const frame: Record<string, Check> = {
  private_metadata: string({ min: 0, max: 3000 }),
  callback_id: string({ min: 0, max: 255 }),
  external_id: string({ min: 0, max: 255 }),
};
const viewBlocks: Check = (value, pointer, inspection) => inspectBlocks(value, pointer, inspection);

const homeFrame: Check = object({ required: { blocks: viewBlocks }, optional: frame });
const modalFrame: Check = object({
  required: { title: plainText(24), blocks: viewBlocks },
  optional: {
    ...frame,
    submit: plainText(24),
    close: plainText(24),
    clear_on_close: boolean,
    notify_on_close: boolean,
  },
  rule: (view, pointer, inspection) => {
    const hasInput = listOf(view["blocks"]).some((block) => isRecord(block) && block["type"] === "input");
    if (hasInput && view["submit"] === undefined)
      complain(inspection, pointer, "missing required field: submit", "missing_field");
  },
});

function inspectBlocks(blocks: unknown, pointer: string, inspection: Inspection): void {
  if (!Array.isArray(blocks)) {
    complain(inspection, pointer, "must provide an array", "invalid_type");
    return;
  }
  const max = MAX_BLOCKS[inspection.surface];
  if (blocks.length > max) complain(inspection, pointer, `no more than ${max} items allowed`);
  const check = byType(blocksOn[inspection.surface]);
  blocks.forEach((block, index) => {
    check(block, `${pointer}/${index}`, inspection);
  });
  inspectIds(blocks, pointer, inspection);
  inspectTotals(blocks, pointer, inspection);
}

function inspectIds(blocks: unknown[], pointer: string, inspection: Inspection): void {
  const seen = new Set<string>();
  let focused = 0;
  walkBlocks(blocks, pointer, (block, at) => {
    const blockId = block["block_id"];
    if (typeof blockId === "string") {
      if (seen.has(blockId))
        complain(
          inspection,
          `${at}/block_id`,
          `\`block_id\` ${blockId} already exists`,
          "duplicate_block_id",
        );
      seen.add(blockId);
    }
    const actionIds = new Set<string>();
    for (const [element, elementAt] of elementsOf(block, at)) {
      if (hasFocusOnLoad(element)) focused += 1;
      const actionId = element["action_id"];
      if (typeof actionId !== "string") continue;
      if (actionIds.has(actionId))
        complain(
          inspection,
          `${elementAt}/action_id`,
          `\`action_id\` ${actionId} already exists`,
          "duplicate_action_id",
        );
      actionIds.add(actionId);
    }
  });
  if (focused > 1) complain(inspection, pointer, "only one element may have focus_on_load");
}

/** Blocks, and the blocks inside containers and carousels. */
function walkBlocks(blocks: unknown[], pointer: string, visit: (block: Json, pointer: string) => void): void {
  blocks.forEach((block, index) => {
    if (!isRecord(block)) return;
    visit(block, `${pointer}/${index}`);
    walkBlocks(listOf(block["child_blocks"]), `${pointer}/${index}/child_blocks`, visit);
    if (block["type"] === "carousel")
      walkBlocks(listOf(block["elements"]), `${pointer}/${index}/elements`, visit);
  });
}

function elementsOf(block: Json, pointer: string): [Json, string][] {
  const found: [unknown, string][] = [];
  for (const name of ["elements", "actions"]) {
    listOf(block[name]).forEach((element, index) => {
      found.push([element, `${pointer}/${name}/${index}`]);
    });
  }
  for (const name of ["accessory", "element"]) found.push([block[name], `${pointer}/${name}`]);
  return found.filter((entry): entry is [Json, string] => isRecord(entry[0]));
}

function inspectTotals(blocks: unknown[], pointer: string, inspection: Inspection): void {
  const ofType = (type: string) => blocks.filter((block) => isRecord(block) && block["type"] === type);
  if (markdownChars(blocks) > MAX_MARKDOWN_CHARS)
    complain(inspection, pointer, `markdown must be less than ${MAX_MARKDOWN_CHARS + 1} characters in total`);
  for (const type of ["table", "data_table"]) {
    if (textChars(ofType(type)) > MAX_TABLE_CHARS)
      complain(inspection, pointer, `${type} must be less than ${MAX_TABLE_CHARS + 1} characters in total`);
  }
  if (ofType("table").length > 1)
    complain(inspection, pointer, "only one table allowed", "only_one_table_allowed");
  if (ofType("data_visualization").length > 2)
    complain(inspection, pointer, "no more than 2 data_visualization blocks allowed");
}

function markdownChars(blocks: unknown): number {
  return listOf(blocks)
    .filter(isRecord)
    .filter((block) => block["type"] === "markdown")
    .reduce((sum, block) => sum + stringOf(block["text"]).length, 0);
}

/** Sum of every `text` string in the tree. */
function textChars(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + textChars(entry), 0);
  if (!isRecord(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, field]) =>
      sum + (name === "text" && typeof field === "string" ? field.length : textChars(field)),
    0,
  );
}
