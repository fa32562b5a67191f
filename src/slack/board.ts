/** What the bot puts on the wall: decision cards, dead letters and notes, each made once and kept true. */
import type { DeadLetter, DecisionRecord } from "../domain/decision.ts";
import type { MessageRef } from "../domain/item.ts";
import type { Log } from "../log.ts";
import type { Board, Note } from "../workflows/ports.ts";
import { type Message, textMessage } from "./cards/blocks.ts";
import { deadLetterCard } from "./cards/dead-letter-card.ts";
import { decisionCard } from "./cards/decision-card.ts";
import {
  budgetNote,
  channelGoneNote,
  countedInNotionNote,
  fallbackNotice,
  notRecordedNote,
  refusedInNotionNote,
  tooLateInNotionNote,
  triagedNote,
  untoldNote,
} from "./cards/notes.ts";
import { decidedNote, requesterNote } from "./cards/outcome-notes.ts";
import { reopenedLines } from "./cards/reopen-view.ts";
import type { Votes } from "./cards/votes.ts";
import { inertLine, link } from "./limits.ts";
import type { Outbound } from "./outbound.ts";
import { postUnlessGone, replyOrElsewhere } from "./thread-reply.ts";

export interface BoardOptions {
  outbound: Pick<Outbound, "post" | "update" | "permalink" | "openDm">;
  decisionsChannel: string;
  alertsChannel: string;
  /** Link to the card of a decision that replaces another. */
  cardUrlOf: (decisionId: string) => Promise<string | null>;
  /** How many approvals a decision needs, and of whom. */
  votesOf: (decision: DecisionRecord) => Promise<Votes>;
  log: Log;
}

export function createBoard(options: BoardOptions): Board {
  const { outbound, decisionsChannel, alertsChannel, cardUrlOf, votesOf, log } = options;

  async function updateCard(ref: MessageRef, version: number, message: Message): Promise<void> {
    const result = await outbound.update({ ref, version, message });
    if (result === "gone") log.warn({ channel: ref.channel, ts: ref.ts }, "card was deleted in Slack");
  }

  return {
    async postDecision(decision) {
      const votes = await votesOf(decision);
      const card = await outbound.post({
        // A page whose content changed is posted anew; a repeated attempt is not.
        key: `card:${decision.id}:${decision.hash}:${decision.createdAt}`,
        kin: `card:${decision.id}:${decision.hash}:`,
        channels: [decisionsChannel, alertsChannel],
        message: (isFallback) =>
          decisionCard(decision, { votes, notice: isFallback ? fallbackNotice(decisionsChannel) : null }),
      });
      return { card, url: await outbound.permalink(card) };
    },
    async updateDecision(decision) {
      if (decision.card === null) return;
      const { state } = decision;
      const replacementUrl =
        state.kind === "superseded" && state.by !== null ? await cardUrlOf(state.by) : null;
      const { reopenedAs } = decision;
      const reopenedUrl = reopenedAs === null ? null : await cardUrlOf(reopenedAs.id);
      const notice = decision.card.channel === decisionsChannel ? null : fallbackNotice(decisionsChannel);
      await updateCard(
        decision.card,
        decision.rev,
        decisionCard(decision, {
          replacementUrl,
          reopenedUrl,
          votes: await votesOf(decision),
          notice: state.kind === "pending" ? notice : null,
        }),
      );
    },
    postDeadLetter: (letter) =>
      outbound.post({
        key: deadLetterKey(letter),
        kin: `dead-letter:${letter.itemId}:`,
        channels: [alertsChannel, decisionsChannel],
        message: () => deadLetterCard(letter),
      }),
    async updateDeadLetter(letter) {
      if (letter.card === null) return;
      await updateCard(letter.card, letter.state.kind === "open" ? 0 : 1, deadLetterCard(letter));
    },
    async say(key, note) {
      const message = textMessage(noteText(note));
      switch (note.kind) {
        case "item-triaged":
        case "outcome":
          return tellRequester(options, key, note);
        case "budget-reached":
        case "channel-gone":
        case "not-recorded":
          // For whoever runs the bot: waits until one of the two is mended.
          await outbound.post({ key, channels: [alertsChannel, decisionsChannel], message: () => message });
          return;
        default: {
          const { card, pipeUrl, title } = note.decision;
          const channels = [decisionsChannel, alertsChannel];
          const subject = link(pipeUrl, inertLine(title, 200));
          if (card === null) await outbound.post({ key, channels, message: () => message });
          else await replyOrElsewhere(options, { key, thread: card, elsewhere: channels, subject, message });
        }
      }
    },
  };
}

/** An item can fail again after a retry: that is another card. */
function deadLetterKey(letter: DeadLetter): string {
  return `dead-letter:${letter.itemId}:${letter.failedAt}`;
}

type ToRequester = Extract<Note, { kind: "item-triaged" | "outcome" }>;

/** Where they asked, else directly. Where neither can be, those in the channels of the bot may know them. */
async function tellRequester(options: BoardOptions, key: string, note: ToRequester): Promise<void> {
  const { outbound, decisionsChannel, alertsChannel, log } = options;
  const { to } = note;
  const post = { key, message: () => textMessage(noteText(note)) };
  if (to !== null && (await postUnlessGone(outbound, { ...post, channels: [to.channel], threadTs: to.ts })))
    return;
  const dm = await directChannel(note, outbound);
  // Somebody whom Slack does not know, and who did not ask in Slack.
  if (to === null && dm === null) return;
  if (dm !== null && (await postUnlessGone(outbound, { ...post, channels: [dm] }))) return;
  const untold = { key, message: () => textMessage(untoldNote(note)) };
  const isTold = await postUnlessGone(outbound, { ...untold, channels: [alertsChannel, decisionsChannel] });
  if (!isTold) log.warn({ note: key }, "whoever asked could not be told");
}

/** null when there is nobody to tell. */
async function directChannel(
  { requestedBy }: ToRequester,
  outbound: BoardOptions["outbound"],
): Promise<string | null> {
  return /^[UW][A-Z0-9]+$/.test(requestedBy) ? outbound.openDm(requestedBy) : null;
}

function noteText(note: Note): string {
  switch (note.kind) {
    case "budget-reached":
      return budgetNote(note);
    case "channel-gone":
      return channelGoneNote(note);
    case "decided":
      return decidedNote(note.decision);
    case "outcome":
      return requesterNote(note);
    case "not-recorded":
      return notRecordedNote(note);
    case "counted-in-notion":
      return countedInNotionNote(note);
    case "refused-in-notion":
      return refusedInNotionNote(note);
    case "too-late-in-notion":
      return tooLateInNotionNote(note);
    case "reopened":
      return reopenedLines(note.decision, note.url).join("\n");
    case "item-triaged":
      return triagedNote(note);
  }
}
