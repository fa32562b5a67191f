/** Keeps a card within what Slack takes: where all that can be on it is on it at once, its longest lists lose lines. Pure. */
import { textSize } from "../block-check.ts";
import { LIMITS } from "../limits.ts";
import { type Block, section } from "./blocks.ts";

/** Sections that may lose lines, each of which is inert by itself: at which end, by id. The first of them loses them first. */
export type Lists = Readonly<Record<string, "first" | "last">>;

export function withinRoom(blocks: Block[], lists: Lists, where: string): Block[] {
  let fitted = blocks;
  while (textSize(fitted) > LIMITS.messageBlockText) {
    const id = Object.keys(lists).find((one) =>
      fitted.some((block) => block.block_id === one && linesOf(block, where).length > 1),
    );
    if (id === undefined) return fitted;
    const end = lists[id];
    fitted = fitted.map((block) => (block.block_id === id ? shortened(block, { end, where }) : block));
  }
  return fitted;
}

/** The first line of all is the heading, which stays. */
function shortened(block: Block, { end, where }: { end: Lists[string] | undefined; where: string }): Block {
  const [heading = "", ...lines] = linesOf(block, where);
  const rest = end === "first" ? [gap(where), ...lines.slice(1)] : [...lines.slice(0, -1), gap(where)];
  return section(block.block_id ?? "", [heading, ...rest].join("\n").trimEnd());
}

/** Without the one that says that there is more. */
function linesOf(block: Block, where: string): string[] {
  const text = block.type === "section" ? (block.text?.text ?? "") : "";
  return text.split("\n").filter((line) => line !== gap(where));
}

function gap(where: string): string {
  return `… (${where})`;
}
