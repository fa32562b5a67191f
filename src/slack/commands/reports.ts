/** `/emm digest`, `/emm budget` and `/emm stats`: figures, for members of the workspace, answered privately. */
import { digestCard } from "../cards/digest-card.ts";
import { budgetMessage, statsMessage } from "../cards/figures.ts";
import type { Directory } from "../directory.ts";
import { inertLine } from "../limits.ts";
import type { ReaderSettings, ReportDesk } from "../operations-ports.ts";
import type { Reply } from "../replies.ts";
import type { CommandHandler } from "./emm.ts";

export interface ReportDeps {
  desk: ReportDesk;
  directory: Pick<Directory, "memberOf">;
  reader: ReaderSettings;
}

export function digest(deps: ReportDeps): CommandHandler {
  return forMembers(deps, async (text) => {
    const word = text.toLowerCase();
    if (word !== "" && word !== "daily" && word !== "weekly")
      return notKnown("digest", text, "daily or weekly");
    return digestCard(await deps.desk.digest(word === "weekly" ? "weekly" : "daily"), deps.reader);
  });
}

export function budget(deps: ReportDeps): CommandHandler {
  return forMembers(deps, async (text) =>
    text === "" ? budgetMessage(await deps.desk.budget()) : notKnown("budget", text, "nothing after it"),
  );
}

export function stats(deps: ReportDeps): CommandHandler {
  return forMembers(deps, async (text) =>
    text === "" ? statsMessage(await deps.desk.stats()) : notKnown("stats", text, "nothing after it"),
  );
}

function forMembers({ directory }: ReportDeps, answer: (text: string) => Promise<Reply>): CommandHandler {
  return async ({ userId, text }) => {
    const member = await directory.memberOf(userId);
    return member.ok ? answer(text.trim()) : member.reason;
  };
}

function notKnown(command: string, text: string, takes: string): string {
  return `\`/emm ${command}\` does not know "${inertLine(text, 40).replace(/`/g, "'")}": it takes ${takes}.`;
}
