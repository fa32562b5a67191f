/** What the bot puts on the wall: decision cards, dead letters and notes, each made once and kept true. */
import type { DeadLetter, DecisionRecord } from "../domain/decision.ts";
import type { MessageRef } from "../domain/item.ts";
import { isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Board, DecisionInShort, Note } from "../workflows/ports.ts";
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
} from "./cards/notes.ts";
import { decidedNote, requesterNote } from "./cards/outcome-notes.ts";
import { reopenedLines } from "./cards/reopen-view.ts";
import type { Votes } from "./cards/votes.ts";
import type { Outbound } from "./outbound.ts";

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
      const place = placeOf(note, options) ?? (await directPlace(note, outbound));
      if (place === null) return;
      const post = { key, message: () => textMessage(noteText(note)) };
      try {
        await outbound.post({ ...post, ...place });
      } catch (error) {
        // The place it was asked in is closed to us: tell the person directly.
        const direct = isChannelGone(error) ? await directPlace(note, outbound) : null;
        if (direct === null) throw error;
        await outbound.post({ ...post, ...direct });
      }
    },
  };
}

/** An item can fail again after a retry: that is another card. */
function deadLetterKey(letter: DeadLetter): string {
  return `dead-letter:${letter.itemId}:${letter.failedAt}`;
}

interface Place {
  channels: string[];
  threadTs?: string;
}

/** null when the note belongs to a person, not to a place. */
function placeOf(note: Note, { decisionsChannel, alertsChannel }: BoardOptions): Place | null {
  switch (note.kind) {
    case "budget-reached":
    case "channel-gone":
    case "not-recorded":
      return { channels: [alertsChannel, decisionsChannel] };
    case "decided":
    case "counted-in-notion":
    case "refused-in-notion":
    case "too-late-in-notion":
    case "reopened":
      return cardThread(note.decision) ?? { channels: [decisionsChannel, alertsChannel] };
    case "item-triaged":
    case "outcome":
      return note.to === null ? null : { channels: [note.to.channel], threadTs: note.to.ts };
  }
}

/** A direct message to whoever asked; null when there is nobody to tell. */
async function directPlace(note: Note, outbound: BoardOptions["outbound"]): Promise<Place | null> {
  if ((note.kind !== "item-triaged" && note.kind !== "outcome") || !/^[UW][A-Z0-9]+$/.test(note.requestedBy))
    return null;
  const dm = await outbound.openDm(note.requestedBy);
  return dm === null ? null : { channels: [dm] };
}

function isChannelGone(error: unknown): boolean {
  return isAppError(error) && error.code === "slack_channel_gone";
}

function cardThread({ card }: DecisionInShort): Place | null {
  return card === null ? null : { channels: [card.channel], threadTs: card.ts };
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
