/** `/emm add <text>`: into the inbox, whole. */

import { pausedLine } from "../cards/poll.ts";
import type { Directory } from "../directory.ts";
import { clip, inertLine } from "../limits.ts";
import type { PollDesk } from "../poll-ports.ts";
import type { Capture } from "../ports.ts";
import type { CommandHandler } from "./emm.ts";

const TITLE_LENGTH = 120;

export interface AddDeps {
  capture: Capture;
  polls: Pick<PollDesk, "held">;
  directory: Pick<Directory, "memberOf">;
  decisionsChannel: string;
}

export function add({ capture, polls, directory, decisionsChannel }: AddDeps): CommandHandler {
  return async ({ userId, triggerId, text }) => {
    if (text === "") {
      return "What should I add? Write it after the command, e.g. `/emm add Should we move billing to annual plans?`";
    }
    const member = await directory.memberOf(userId);
    if (!member.ok) return member.reason;
    const title = titleOf(text);
    await capture.add(
      `slack-add:${triggerId}`,
      { title, content: text, source: "Slack", requestedBy: userId },
      null,
    );
    const held = await polls.held();
    const when =
      held === null ? "I look at it right away." : `${pausedLine(held)} I look at it when polling goes on.`;
    return (
      `Added to the inbox: *${inertLine(title, 160).replace(/\*/g, "∗")}*\n` +
      `${when} A decision is argued by the advisers and comes to <#${decisionsChannel}> as a card; ` +
      "a task or a note goes straight to Notion. I will tell you in a direct message what became of it."
    );
  };
}

function titleOf(text: string): string {
  const [first = ""] = text.split("\n").filter((line) => line.trim() !== "");
  return clip(first.trim(), TITLE_LENGTH);
}
