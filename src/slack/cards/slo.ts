/** The service levels as a private answer. Pure; words, never colour alone. */
import { MINIMUM_EVENTS } from "../../domain/service-level.ts";
import type { ObjectiveReport, ServiceLevelReport } from "../../domain/service-level-report.ts";
import {
  budgetWords,
  burnsWords,
  eventWords,
  noEventWords,
  shareWords,
  stateWords,
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

function summary(one: ObjectiveReport): string {
  const share = one.attainment === null ? "" : ` (${shareWords(one.attainment)})`;
  return `${one.objective.title}: ${stateWords(one)}${share}`;
}

function objectiveText(one: ObjectiveReport): string {
  const { objective, tally, attainment, isThin } = one;
  const head = `*${stateWords(one)}: ${objective.title}*, ${objective.promise}`;
  if (attainment === null)
    return `${head}\n${noEventWords(objective.unit)} counted in these days; target ${shareWords(objective.target)}.`;
  const few = isThin ? " (few: this says little yet)" : "";
  const burning = `Burn: ${burnsWords(one)}.`;
  return [
    head,
    `*${shareWords(attainment)}* of ${eventWords(tally.total, objective.unit)}${few}; target ${shareWords(objective.target)}. Error budget ${budgetWords(one)}.`,
    [burning, trendWords(one), usedUpWords(one)].filter((line) => line !== null).join(" "),
  ].join("\n");
}
