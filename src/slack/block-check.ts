/** Our own check of Slack's limits, run before every send: a refused message would cost the card. */
import { LIMITS } from "./limits.ts";

interface Payload {
  blocks: readonly object[];
}

/** Empty when Slack would accept it; else one line per problem with a pointer to the place. */
export function messageProblems(message: Payload & { text: string }): string[] {
  const problems = blockProblems(message.blocks, LIMITS.messageBlocks);
  if (message.text.trim() === "") problems.push("/text: empty");
  if (message.text.length > LIMITS.messageText) problems.push(`/text: over ${LIMITS.messageText}`);
  const size = textSize(message.blocks);
  if (size > LIMITS.messageBlockText) problems.push(`/blocks: ${size} characters of text`);
  return problems;
}

export function viewProblems(view: Payload & { private_metadata?: string | undefined }): string[] {
  const problems = blockProblems(view.blocks, LIMITS.viewBlocks);
  if ((view.private_metadata ?? "").length > LIMITS.privateMetadata) problems.push("/private_metadata: long");
  const bytes = Buffer.byteLength(JSON.stringify(view));
  if (bytes > LIMITS.viewBytes) problems.push(`/: ${bytes} bytes`);
  return problems;
}

/** Characters of all texts in the blocks. */
export function textSize(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + textSize(entry), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, entry]) =>
      sum + (typeof entry === "string" ? (key === "text" ? entry.length : 0) : textSize(entry)),
    0,
  );
}

function blockProblems(blocks: readonly object[], max: number): string[] {
  const problems: string[] = [];
  if (blocks.length > max) problems.push(`/blocks: ${blocks.length} blocks, at most ${max}`);
  const seen = new Set<unknown>();
  blocks.forEach((block, index) => {
    const at = `/blocks/${index}`;
    const id = "block_id" in block ? block.block_id : undefined;
    if (id !== undefined && seen.has(id)) problems.push(`${at}/block_id: used twice`);
    seen.add(id);
    walk(block, at, problems);
  });
  return problems;
}

function walk(value: unknown, at: string, problems: string[], inHeader = false): void {
  if (Array.isArray(value)) {
    value.forEach((entry, index) => {
      walk(entry, `${at}/${index}`, problems, inHeader);
    });
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const isHeader = "type" in value && value.type === "header";
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry === "string") checkString({ key, entry, at, problems, inHeader });
    else if (Array.isArray(entry) && entry.length === 0) problems.push(`${at}/${key}: empty list`);
    else if (Array.isArray(entry) && entry.length > (LIST_LIMITS[key] ?? 100)) {
      problems.push(`${at}/${key}: ${entry.length} entries`);
    } else walk(entry, `${at}/${key}`, problems, isHeader || inHeader);
  }
}

const LIST_LIMITS: Record<string, number> = {
  elements: LIMITS.actionElements,
  options: LIMITS.selectOptions,
};

const STRING_LIMITS: Record<string, number> = {
  text: LIMITS.sectionText,
  value: LIMITS.buttonValue,
  url: LIMITS.buttonUrl,
  block_id: LIMITS.blockId,
  action_id: LIMITS.blockId,
  accessibility_label: LIMITS.accessibilityLabel,
  initial_value: LIMITS.inputText,
};

interface StringAt {
  key: string;
  entry: string;
  at: string;
  problems: string[];
  inHeader: boolean;
}

function checkString({ key, entry, at, problems, inHeader }: StringAt): void {
  const max = inHeader && key === "text" ? LIMITS.headerText : STRING_LIMITS[key];
  if (max === undefined) return;
  if (entry.length > max) problems.push(`${at}/${key}: ${entry.length} characters, at most ${max}`);
  if (entry === "") problems.push(`${at}/${key}: empty`);
  if (!isWellFormed(entry)) problems.push(`${at}/${key}: broken surrogate pair`);
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
