/** The service levels as a private answer. Pure; words, never colour alone. */
import { MINIMUM_EVENTS } from "../../domain/service-level.ts";
import type { ObjectiveReport, ServiceLevelReport } from "../../domain/service-level-report.ts";
import {
  budgetWords,
  burnWords,
  countWords,
  STATE_WORDS,
  shareWords,
  trendWords,
  usedUpWords,
} from "../../domain/service-level-words.ts";
import { moment } from "../limits.ts";
import { context, header, type Message, section } from "./blocks.ts";

export function sloMessage(report: ServiceLevelReport): Message {
  const title = `Service levels of the last ${report.windowDays} days`;
  const since =
    report.since === null ? "There are no records yet." : `Records since ${moment(report.since)}.`;
  return {
    text: `${title}. ${report.objectives.map(summary).join(". ")}.`,
    blocks: [
      header("slo_title", title),
      ...report.objectives.map((one) => section(`slo_${one.objective.key}`, objectiveText(one))),
      context(
        "slo_legend",
        `${since} Burn 1 uses the error budget up in exactly ${report.windowDays} days; "no data" is fewer than ${MINIMUM_EVENTS} events.`,
        "With plots: `/api/slo-dashboard` on my web address, in a browser.",
      ),
    ],
  };
}

function summary({ objective, state, attainment }: ObjectiveReport): string {
  const share = attainment === null ? "" : ` (${shareWords(attainment)})`;
  return `${objective.title}: ${STATE_WORDS[state]}${share}`;
}

function objectiveText(one: ObjectiveReport): string {
  const { objective, state, tally, attainment, burn, isThin } = one;
  const head = `*${STATE_WORDS[state]}: ${objective.title}*, ${objective.promise}`;
  if (attainment === null)
    return `${head}\nNo data: no ${objective.unit} in these days. Target ${shareWords(objective.target)}.`;
  const few = isThin ? " (few: this says little yet)" : "";
  const burning = `Burn: ${burnWords(burn.hour)} over 1 h, ${burnWords(burn.sixHours)} over 6 h, ${burnWords(burn.threeDays)} over 3 d.`;
  return [
    head,
    `*${shareWords(attainment)}* of ${countWords(tally.total)} ${objective.unit}${few}; target ${shareWords(objective.target)}. Error budget ${budgetWords(one)}.`,
    [burning, trendWords(one), usedUpWords(one)].filter((line) => line !== null).join(" "),
  ].join("\n");
}
