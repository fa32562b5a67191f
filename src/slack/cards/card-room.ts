/** Keeps a card within what Slack takes: where all that can be on it is on it at once, its longest lists end sooner. Pure. */
import { textSize } from "../block-check.ts";
import { LIMITS } from "../limits.ts";
import { type Block, section } from "./blocks.ts";

/** `lists`: ids of sections that may lose their last lines, each of which is inert by itself. */
export function withinRoom(blocks: Block[], lists: readonly string[], where: string): Block[] {
  let fitted = blocks;
  while (textSize(fitted) > LIMITS.messageBlockText) {
    const longest = fitted
      .filter((block) => lists.includes(block.block_id ?? "") && linesOf(block, where).length > 1)
      .toSorted((a, b) => textSize(b) - textSize(a))[0];
    if (longest === undefined) return fitted;
    fitted = fitted.map((block) => (block === longest ? shortened(block, where) : block));
  }
  return fitted;
}

function shortened(block: Block, where: string): Block {
  const lines = linesOf(block, where).slice(0, -1);
  return section(block.block_id ?? "", `${lines.join("\n").trimEnd()}\n${endOf(where)}`);
}

/** Without the one that says that there is more. */
function linesOf(block: Block, where: string): string[] {
  const text = block.type === "section" ? (block.text?.text ?? "") : "";
  return text.split("\n").filter((line) => line !== endOf(where));
}

function endOf(where: string): string {
  return `… (${where})`;
}
