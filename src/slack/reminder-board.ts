/** Says reminders in the thread of the card. Who may decide is named at first, and called at last. */
import { isGroupId } from "../domain/approval.ts";
import type { SelfApproval } from "../domain/decision.ts";
import { isAppError } from "../errors.ts";
import type { ReminderBoard } from "../workflows/reminder-ports.ts";
import { textMessage } from "./cards/blocks.ts";
import { reminderText } from "./cards/reminder.ts";
import type { Directory } from "./directory.ts";
import type { Outbound } from "./outbound.ts";
import { outOfIt } from "./votes-of.ts";

/** Named in a reminder; each is one request. */
const NAMED_AT_MOST = 8;

export interface ReminderBoardOptions {
  outbound: Pick<Outbound, "post" | "person" | "groupMembers">;
  /** Knows who may decide which. */
  directory: Pick<Directory, "idsFor">;
  selfApproval?: SelfApproval;
}

export function createReminderBoard(options: ReminderBoardOptions): ReminderBoard {
  const { outbound, directory } = options;
  return {
    async remind(key, reminder) {
      const { decision } = reminder;
      const { card } = decision;
      if (card === null) return;
      const without = outOfIt(decision, options);
      const approvers = await directory.idsFor(decision, without);
      const names = await namesOf(outbound, approvers, without);
      await outbound.post({
        key,
        channels: [card.channel],
        threadTs: card.ts,
        message: () => textMessage(reminderText({ ...reminder, approvers, names })),
      });
    },
  };
}

/** Of people who can still act; nobody when Slack does not tell them all, so that nobody is left out. */
async function namesOf(
  outbound: ReminderBoardOptions["outbound"],
  approvers: readonly string[],
  without: ReadonlySet<string>,
): Promise<string[]> {
  try {
    const lists = await Promise.all(approvers.map((id) => membersOf(outbound, id)));
    const ids = [...new Set(lists.flat())].filter((id) => !without.has(id));
    if (ids.length > NAMED_AT_MOST) return [];
    const people = await Promise.all(ids.map((id) => outbound.person(id)));
    return people.flatMap((person) => (person === null || person.isDeleted ? [] : [person.name]));
  } catch (error) {
    // A name is a comfort; a bug must surface as one.
    if (isAppError(error)) return [];
    throw error;
  }
}

async function membersOf(outbound: ReminderBoardOptions["outbound"], id: string): Promise<readonly string[]> {
  if (!isGroupId(id)) return [id];
  const group = await outbound.groupMembers(id);
  if (group.kind === "found") return group.members;
  return [];
}
