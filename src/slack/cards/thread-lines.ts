/** What is said under a card while it is open: votes, and what became of them. Pure; inert mrkdwn. */
import type { ThreadLine } from "../../workflows/thread-ports.ts";
import { nameOf } from "./decision-parts.ts";
import { voidedLine } from "./votes.ts";

export function threadLine(line: ThreadLine): string {
  if (line.kind === "vote-lost") return voidedLine(line.by, line.why);
  const who = nameOf(line.by);
  if (line.kind === "undone") return `${who} took ${TAKEN_BACK[line.was]}`;
  const what = line.isChanged
    ? "changed the plan and approved it; approvals of the plan before that no longer count"
    : "approved";
  return `${who} ${what}. That makes ${line.given} of ${line.needed} approvals.`;
}

const OPEN_AGAIN = "Nothing had been carried out, and it is open again.";

const TAKEN_BACK: Record<Extract<ThreadLine, { kind: "undone" }>["was"], string> = {
  approval: "their approval back.",
  approved: `the approval back. ${OPEN_AGAIN}`,
  edited: `the approval with changes back. ${OPEN_AGAIN}`,
  rejected: `the rejection back. ${OPEN_AGAIN}`,
  withdrawn: `the withdrawal back. ${OPEN_AGAIN}`,
  expired: `it back. ${OPEN_AGAIN}`,
};
