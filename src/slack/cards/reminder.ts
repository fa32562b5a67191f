/** What is said in a decision's thread while nobody decides. Pure. */

import { approvalsGiven } from "../../domain/decision.ts";
import { durationWords } from "../../domain/duration.ts";
import { LAST_MARK } from "../../domain/reminders.ts";
import type { Reminder } from "../../workflows/reminder-ports.ts";
import { inertLine, link, moment, oneLine, sentence } from "../limits.ts";
import { callOut, listNames } from "./people.ts";

const DAY_MS = 86_400_000;

interface ReminderWords extends Reminder {
  /** User and group ids. */
  approvers: readonly string[];
  /** Their names; empty when Slack does not tell. */
  names: readonly string[];
}

export function reminderText(reminder: ReminderWords): string {
  return reminder.mark === LAST_MARK ? lastWords(reminder) : firstWords(reminder);
}

/** Names people without calling them: half of the time is left. */
function firstWords({ decision, names, at }: ReminderWords): string {
  const who = names.length === 0 ? "The approvers" : listNames(names);
  return [
    `${approvalsGiven(decision).length > 0 ? "One approval is still missing" : "Nobody has decided yet"}: ${titleOf(decision)}`,
    `${who} can decide on the card above until ${deadline(decision, at)}. After that it expires and nothing is carried out.`,
  ].join("\n");
}

function lastWords({ decision, approvers, at }: ReminderWords): string {
  const who = approvers.length === 0 ? "" : `${callOut(approvers)}: `;
  const asked = decision.escalation?.to ?? [];
  return [
    `${who}still undecided: ${titleOf(decision)}`,
    `It expires ${deadline(decision, at)}, and then nothing is carried out. Approve, edit or reject it on the card above.`,
    ...(asked.length === 0
      ? []
      : [
          `Because nobody has decided, I am asking ${callOut(asked)} too: from now on you may decide this one.`,
        ]),
  ].join("\n");
}

function titleOf({ title, cardUrl }: Reminder["decision"]): string {
  return link(cardUrl, sentence(inertLine(oneLine(title) || "Decision", 200)));
}

function deadline({ expiresAt }: Reminder["decision"], at: string): string {
  return `${moment(expiresAt)} (in ${leftWords(Date.parse(expiresAt) - Date.parse(at))})`;
}

/** "5 days", "14 h", "40 min". */
function leftWords(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`;
  // Minutes do not matter over hours.
  return durationWords(ms >= 3 * 3_600_000 ? Math.floor(ms / 3_600_000) * 3_600_000 : ms);
}
