/** Lists of people and user groups in mrkdwn. */
import { isGroupId } from "../../domain/approval.ts";
import { inertLine, mention } from "../limits.ts";

const SHOWN = 8;

/** Who is called by it gets a notification, when it stands in a new message. */
export function callOut(ids: readonly string[]): string {
  return listed(
    ids.map((id) => (isGroupId(id) ? `<!subteam^${id}>` : mention(id))),
    "and",
  );
}

/** Any one of them; names alone, so that nobody is called. */
export function listNames(names: readonly string[]): string {
  return listed(
    names.map((name) => inertLine(name, 80)),
    "or",
  );
}

function listed(words: readonly string[], joint: "and" | "or"): string {
  const shown = words.slice(0, SHOWN);
  const more = words.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} ${joint} ${last}`;
}
