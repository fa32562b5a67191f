/** The decision as the advisers and the synthesis read it. */
import type { Advice, Answered, Frame, Triage } from "../domain/analysis.ts";
import type { InboxItem } from "../domain/item.ts";
import { itemText } from "./fence.ts";

export function decisionText({
  item,
  triage,
  frame,
  answered = [],
}: {
  item: InboxItem;
  triage: Triage;
  frame: Frame;
  answered?: readonly Answered[];
}): string {
  const options = frame.options.map((o) => `Option ${o.id}: ${o.title}\n${o.summary}`);
  return [
    itemText(item),
    `Sorted as: ${triage.title}\nRisk: ${triage.risk}, impact: ${triage.impact} of 10${triage.area ? `, area: ${triage.area}` : ""}`,
    `Question: ${frame.question}\nSuccess criteria: ${frame.successCriteria}`,
    ...answered.map(answeredText),
    ...options,
  ].join("\n\n");
}

function answeredText({ question, askedBy, answer, answeredBy }: Answered): string {
  return `Asked by ${askedBy}: ${question}\nAnswered by ${answeredBy}: ${answer}`;
}

export function adviceText(advice: Advice): string {
  const scores = advice.scores.map((s) =>
    [
      `Option ${s.option}: risk ${s.risk} of 5, impact ${s.impact} of 10. ${s.verdict}`,
      ...s.pros.map((pro) => `+ ${pro}`),
      ...s.cons.map((con) => `- ${con}`),
    ].join("\n"),
  );
  const veto = advice.veto ? `Vetoes option ${advice.veto.option}: ${advice.veto.reason}` : "No veto.";
  return [
    `Advice of ${advice.adviser}, who recommends option ${advice.recommends}`,
    advice.rationale,
    ...scores,
    veto,
  ].join("\n");
}
