/** Alerts in Slack: each message posted once, edited in place, with the fallback channel when theirs is gone. */
import type { MessageRef } from "../domain/item.ts";
import { isAppError } from "../errors.ts";
import type { AlertWall } from "../workflows/alert-ports.ts";
import { alertCard, alertNoteText, outageText } from "./cards/alert-card.ts";
import { alertGroupCard, groupNoteText } from "./cards/alert-group-card.ts";
import { type Message, textMessage } from "./cards/blocks.ts";
import { fallbackNotice } from "./cards/notes.ts";
import type { Outbound } from "./outbound.ts";

export interface AlertWallOptions {
  outbound: Pick<Outbound, "post" | "update" | "postUnrecorded">;
  alertsChannel: string;
  decisionsChannel: string;
}

/** What can be said while nothing can be written down. */
export interface Shout {
  post(outage: { detail: string; since: string }): Promise<MessageRef>;
  over(message: MessageRef, outage: { lasted: string; since: string }): Promise<unknown>;
}

export function createShout({ outbound, alertsChannel, decisionsChannel }: AlertWallOptions): Shout {
  return {
    post: (outage) =>
      outbound.postUnrecorded([alertsChannel, decisionsChannel], textMessage(outageText(outage))),
    over: (ref, outage) =>
      outbound.update({ ref, version: 1, message: textMessage(outageText({ ...outage, detail: null })) }),
  };
}

export function createAlertWall({ outbound, alertsChannel, decisionsChannel }: AlertWallOptions): AlertWall {
  const channels = [alertsChannel, decisionsChannel];
  const noticeIf = (isFallback: boolean) =>
    isFallback ? fallbackNotice(alertsChannel, "SLACK_ALERTS_CHANNEL") : null;
  const noticeIn = (card: MessageRef) => noticeIf(card.channel !== alertsChannel);

  const edit = (ref: MessageRef, version: number, message: Message): Promise<"updated" | "gone"> =>
    unlessGone(() => outbound.update({ ref, version, message, canWait: true }));
  const reply = (key: string, card: MessageRef, { text, broadcast }: { text: string; broadcast: boolean }) =>
    unlessGone(async (): Promise<"said"> => {
      const place = { channels: [card.channel], threadTs: card.ts, broadcast };
      await outbound.post({ key, ...place, message: () => textMessage(text) });
      return "said";
    });

  return {
    post: (alert) =>
      outbound.post({
        key: `alert:${alert.id}:${alert.shown.cardNo}`,
        channels,
        message: (isFallback) => alertCard(alert, { notice: noticeIf(isFallback) }),
      }),
    update: (alert, card) => edit(card, alert.rev, alertCard(alert, { notice: noticeIn(card) })),
    async reply(alert, note) {
      const { card, cardNo, told } = alert.shown;
      if (card === null) return "gone";
      const key = `alert-note:${alert.id}:${cardNo}:${(told?.no ?? 0) + 1}`;
      return reply(key, card, { text: alertNoteText(alert, note), broadcast: note.broadcast });
    },
    postGroup: ({ group, members }) =>
      outbound.post({
        key: `alert:${group.id}:${group.cardNo}`,
        channels,
        message: (isFallback) =>
          alertGroupCard({ ...group, members, draw: group.draws, notice: noticeIf(isFallback) }),
      }),
    async updateGroup({ group, members }, draw) {
      if (group.card === null) return "gone";
      return edit(
        group.card,
        draw,
        alertGroupCard({ ...group, members, draw, notice: noticeIn(group.card) }),
      );
    },
    async replyToGroup({ group }, note) {
      if (group.card === null) return "gone";
      const key = `alert-note:${group.id}:${group.cardNo}:${(group.told?.no ?? 0) + 1}`;
      return reply(key, group.card, { text: groupNoteText(note), broadcast: true });
    },
  };
}

/** Archived, or we were removed: the next message goes where we still can post. */
async function unlessGone<T>(send: () => Promise<T>): Promise<T | "gone"> {
  try {
    return await send();
  } catch (error) {
    if (isAppError(error) && error.code === "slack_channel_gone") return "gone";
    throw error;
  }
}
