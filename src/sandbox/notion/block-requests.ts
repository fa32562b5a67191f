/** Blocks in requests: which types exist, how deep they nest, and how they are put under a page or block. */
import { validationError } from "./api-error.ts";
import { parseRichText, renderRichText } from "./rich-text.ts";
import { asArray, asObject, isJson, type Json, onlyKeys, refuse } from "./shape.ts";
import { type Block, newId, type Parent, type World } from "./world.ts";

const BLOCK_TYPES = [
  "paragraph",
  "heading_1",
  "heading_2",
  "heading_3",
  "bulleted_list_item",
  "numbered_list_item",
  "to_do",
  "toggle",
  "quote",
  "callout",
  "code",
  "divider",
  "bookmark",
  "equation",
];

export interface NewBlock {
  type: string;
  content: Json;
  children: NewBlock[];
}

/** Block elements of one request, nested ones included. */
const MAX_BLOCKS = 1000;
/** Levels of children below the blocks of a request. */
const MAX_NESTING = 1;

export function parseChildren(value: unknown, path: string): NewBlock[] {
  const blocks = parseLevel(value, path, 0);
  const count = blocks.reduce((sum, block) => sum + 1 + block.children.length, 0);
  if (count > MAX_BLOCKS) {
    throw validationError(
      `body failed validation: the request has ${count} blocks, at most ${MAX_BLOCKS} fit.`,
    );
  }
  return blocks;
}

function parseLevel(value: unknown, path: string, level: number): NewBlock[] {
  return asArray(value, path).map((item, index) => parseBlock(item, `${path}[${index}]`, level));
}

function parseBlock(value: unknown, path: string, level: number): NewBlock {
  const block = asObject(value, path);
  const type = BLOCK_TYPES.find((name) => block[name] !== undefined);
  if (!type) refuse(`${path}.paragraph`, "be defined", undefined);
  onlyKeys(block, path, ["object", "type", type]);
  const raw = asObject(block[type], `${path}.${type}`);
  const { children, ...rest } = raw;
  if (children !== undefined && level > MAX_NESTING) {
    refuse(`${path}.${type}.children`, "be not present", children);
  }
  return {
    type,
    content: parseContent(type, rest, `${path}.${type}`),
    children: children === undefined ? [] : parseLevel(children, `${path}.${type}.children`, level + 1),
  };
}

const WITHOUT_TEXT = ["divider", "bookmark", "equation"];

/** What a block of this type holds, ready for an answer. */
export function parseContent(type: string, raw: Json, path: string): Json {
  if (WITHOUT_TEXT.includes(type)) return raw;
  const runs = parseRichText(raw["rich_text"], `${path}.rich_text`);
  const extra = type === "code" ? { caption: [], language: raw["language"] ?? "plain text" } : {};
  const color = type === "code" ? {} : { color: raw["color"] ?? "default" };
  const checked = type === "to_do" ? { checked: raw["checked"] === true } : {};
  const toggle = type.startsWith("heading_") ? { is_toggleable: raw["is_toggleable"] === true } : {};
  const icon = type === "callout" ? { icon: isJson(raw["icon"]) ? raw["icon"] : null } : {};
  return { rich_text: renderRichText(runs), ...color, ...checked, ...toggle, ...icon, ...extra };
}

export interface Insertion {
  children: NewBlock[];
  actor: string;
  /** Position among the children of the parent. */
  index: number;
}

/** Returns the new blocks of the first level. */
export function addBlocks(world: World, parent: Parent, insertion: Insertion): Block[] {
  const added = insertion.children.map((child) => {
    const block: Block = {
      id: newId(),
      parent,
      type: child.type,
      content: child.content,
      childIds: [],
      createdAt: world.now(),
      createdBy: insertion.actor,
      editedAt: world.now(),
      editedBy: insertion.actor,
      inTrash: false,
    };
    world.blocks.set(block.id, block);
    addBlocks(world, { kind: "block", id: block.id }, { ...insertion, children: child.children, index: 0 });
    return block;
  });
  const siblings = childIdsOf(world, parent);
  siblings?.splice(insertion.index, 0, ...added.map((block) => block.id));
  if (added.length > 0) world.revision += 1;
  return added;
}

export function childIdsOf(world: World, parent: Parent): string[] | null {
  if (parent.kind === "page") return world.pages.get(parent.id)?.childIds ?? null;
  return parent.kind === "block" ? (world.blocks.get(parent.id)?.childIds ?? null) : null;
}
