/** Incidents in Slack: one card each, edited in place, and its thread. */
import type { Incident, TimelineFact } from "../domain/incident.ts";
import type { Log } from "../log.ts";
import type { IncidentWall } from "../workflows/incident-ports.ts";
import type { Message } from "./cards/blocks.ts";
import { incidentCard, postMortemReply, timelineReply } from "./cards/incident-card.ts";
import { fallbackNotice } from "./cards/notes.ts";
import { inertLine } from "./limits.ts";
import type { Outbound } from "./outbound.ts";
import { replyOrElsewhere } from "./thread-reply.ts";
import { updateUnlessGone } from "./update-unless-gone.ts";

export interface IncidentWallOptions {
  outbound: Pick<Outbound, "post" | "update" | "permalink">;
  alertsChannel: string;
  decisionsChannel: string;
  log: Log;
}

export function createIncidentWall(options: IncidentWallOptions): IncidentWall {
  const { outbound, alertsChannel, decisionsChannel, log } = options;
  const draw = (incident: Incident, timeline: readonly TimelineFact[], isFallback: boolean) =>
    incidentCard(incident, timeline, {
      notice: isFallback ? fallbackNotice(alertsChannel, "SLACK_ALERTS_CHANNEL") : null,
    });
  const elsewhere = [alertsChannel, decisionsChannel];
  const reply = async ({ card, title }: Incident, key: string, message: Message) => {
    if (card === null) return;
    const subject = `*${inertLine(title, 200)}*`;
    await replyOrElsewhere(options, { key, thread: card, elsewhere, subject, message });
  };
  return {
    async post(incident, timeline) {
      const card = await outbound.post({
        key: `incident:${incident.id}:${incident.openedAt}`,
        channels: [alertsChannel, decisionsChannel],
        message: (isFallback) => draw(incident, timeline, isFallback),
      });
      return { card, url: await outbound.permalink(card) };
    },
    async update(incident, timeline) {
      const { card, rev } = incident;
      if (card === null) return;
      const message = draw(incident, timeline, card.channel !== alertsChannel);
      const result = await updateUnlessGone(outbound, { ref: card, version: rev, message });
      if (result === "gone") log.warn({ incident: incident.id }, "incident card was deleted in Slack");
    },
    tell: (incident, key, facts) => reply(incident, key, timelineReply(facts)),
    async tellPostMortem(incident) {
      if (incident.postMortemUrl === null) return;
      const key = `incident:${incident.id}:${incident.openedAt}:post-mortem`;
      await reply(incident, key, postMortemReply(incident.postMortemUrl));
    },
  };
}
