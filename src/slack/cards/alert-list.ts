/** `/emm alerts`: what is open, worst first, each with its button. Pure. */
import type { AlertRecord } from "../../domain/alert-display.ts";
import type { AlertOverview } from "../alert-ports.ts";
import { ACTIONS, encodeAlertValue } from "../ids.ts";
import { inertLine, link, moment } from "../limits.ts";
import { HELD_WORDS, markOf, severityWord, stateLines, titleOf } from "./alert-card.ts";
import { type Block, button, context, type Message, section } from "./blocks.ts";

const SHOWN = 15;

/** `linkTo`: the message in the channel; null when there is none or it is not known. */
export function alertList({ open, recent, hold }: AlertOverview): Message {
  const title = open.length === 0 ? "No alert is open." : `${count(open.length, "open alert")}, worst first`;
  const notes = [
    ...(open.length > SHOWN ? [`… and ${open.length - SHOWN} more`] : []),
    ...(hold === null ? [] : [holdLine(hold)]),
    ...(recent.length > 0 ? [`Over within the last day: ${recent.map(recentLine).join("; ")}`] : []),
  ];
  return {
    text: title,
    blocks: [
      section("alerts_title", `*${title}*`),
      ...open.slice(0, SHOWN).map(row),
      ...(notes.length > 0 ? [context("alerts_notes", ...notes)] : []),
    ],
  };
}

function row(alert: AlertRecord): Block {
  const seen = alert.count > 1 ? `, seen ${alert.count} times` : "";
  const held =
    alert.shown.heldBy !== null && alert.shown.place === null
      ? ` · not posted ${HELD_WORDS[alert.shown.heldBy]}`
      : "";
  const title = link(alert.url, titleOf(alert, 160));
  const detail = inertLine(alert.detail, 140);
  const lines = [
    `${markOf(alert)} *${severityWord(alert.severity)}:* ${title}`,
    ...(detail === "" ? [] : [detail]),
    `${stateLines(alert)[0] ?? ""}${seen}${held}`,
  ];
  const text = lines.join("\n");
  const block = section(`alert_${alert.id}`, text);
  if (alert.state.kind !== "firing" || block.type !== "section") return block;
  return {
    ...block,
    accessory: button({
      action: ACTIONS.alertAck,
      text: "Acknowledge",
      value: encodeAlertValue({ id: alert.id, isList: true }),
      label: `Acknowledge: ${titleOf(alert, 60)}`,
    }),
  };
}

function holdLine({ reason, until, sparesCritical }: NonNullable<AlertOverview["hold"]>): string {
  const end = until === null ? "" : ` until ${moment(until)}`;
  const what = sparesCritical ? "New alerts that are not critical wait" : "New alerts wait";
  return `${what}${end}: ${inertLine(reason, 200)}`;
}

function recentLine(alert: AlertRecord): string {
  return `${titleOf(alert, 80)} (${severityWord(alert.severity).toLowerCase()})`;
}

function count(n: number, word: string): string {
  return n === 1 ? `1 ${word}` : `${n} ${word}s`;
}
