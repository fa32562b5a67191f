/** The decision as the advisers and the synthesis read it. */
import type { Frame, Triage } from "../domain/analysis.ts";
import type { InboxItem } from "../domain/item.ts";
import { itemText } from "./fence.ts";

export function decisionText({
  item,
  triage,
  frame,
}: {
  item: InboxItem;
  triage: Triage;
  frame: Frame;
}): string {
  const options = frame.options.map((o) => `Option ${o.id}: ${o.title}\n${o.summary}`);
  return [
    itemText(item),
    `Sorted as: ${triage.title}\nRisk: ${triage.risk}, impact: ${triage.impact} of 10${triage.area ? `, area: ${triage.area}` : ""}`,
    `Question: ${frame.question}\nSuccess criteria: ${frame.successCriteria}`,
    ...options,
  ].join("\n\n");
}
