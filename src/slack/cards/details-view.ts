/** What was asked and the whole analysis in a modal: every adviser, option, risk, task and cent. Long ones get pages, nothing is cut. */
import type { Advice, OptionScore } from "../../domain/analysis.ts";
import type { Asked } from "../../domain/asked.ts";
import { type DecisionRecord, shownPlan } from "../../domain/decision.ts";
import { ACTIONS, encodePageValue, PREVIOUS_PAGE, VIEWS } from "../ids.ts";
import { cleanText, LIMITS, link, oneLine, pieces } from "../limits.ts";
import { actions, type Block, button, context, type Modal, plain, plainSection, section } from "./blocks.ts";
import { dollars, optionName } from "./decision-parts.ts";
import { questionTexts } from "./question-card.ts";

/** Room for the pager, and for the JSON around the texts of a view of at most 250 KB. */
const PAGE_BLOCKS = 60;
const PAGE_BYTES = 120_000;

/** A heading in bold, a paragraph shown exactly as written, or inert words of ours with a link. */
type Part = { heading: string } | { text: string } | { note: string };

/** `asked` is null where the words were not kept. */
export type DecisionInDetail = DecisionRecord & { asked?: Asked | null };

export function detailsView(decision: DecisionInDetail, page = 0): Modal {
  const pages = paginate(parts(decision));
  const index = Math.min(Math.max(0, page), pages.length - 1);
  const shown = pages[index] ?? [];
  const blocks = shown.map((part, n) => blockOf(`p${index}_${n}`, part));
  return {
    type: "modal",
    callback_id: VIEWS.details,
    title: plain("Full analysis", LIMITS.viewTitle),
    close: plain("Close", LIMITS.viewTitle),
    blocks: [
      ...blocks,
      ...(pages.length > 1 ? pager({ decision, index, count: pages.length }) : []),
      context(
        `p${index}_links`,
        [
          ...(decision.asked ? [link(decision.asked.url, "Inbox item in Notion")] : []),
          link(decision.pipeUrl, "Plan in Notion"),
          link(decision.intentUrl, "Intent in Notion"),
        ].join(" · "),
      ),
    ],
  };
}

function blockOf(blockId: string, part: Part): Block {
  if ("note" in part) return context(blockId, part.note);
  return "heading" in part ? section(blockId, `*${part.heading}*`) : plainSection(blockId, part.text);
}

function pager({
  decision,
  index,
  count,
}: {
  decision: DecisionRecord;
  index: number;
  count: number;
}): Block[] {
  const { id, hash } = decision;
  const to = (page: number) => encodePageValue({ id, hash, page });
  const previous = button({
    action: PREVIOUS_PAGE,
    text: "Previous page",
    value: to(index - 1),
    label: `Go to page ${index} of ${count}`,
  });
  const next = button({
    action: ACTIONS.moreDetails,
    text: "Next page",
    value: to(index + 1),
    label: `Go to page ${index + 2} of ${count}`,
  });
  return [
    context(`p${index}_pages`, `Page ${index + 1} of ${count}`),
    actions(`p${index}_pager`, [...(index > 0 ? [previous] : []), ...(index < count - 1 ? [next] : [])]),
  ];
}

function paginate(all: Part[]): Part[][] {
  const pages: Part[][] = [[]];
  let bytes = 0;
  for (const part of all) {
    const size = Buffer.byteLength(JSON.stringify(part));
    const last = pages.at(-1) ?? [];
    if (last.length > 0 && (last.length >= PAGE_BLOCKS || bytes + size > PAGE_BYTES)) {
      pages.push([part]);
      bytes = size;
    } else {
      last.push(part);
      bytes += size;
    }
  }
  return pages;
}

function parts(decision: DecisionInDetail): Part[] {
  const { analysis } = decision;
  const plan = shownPlan(decision);
  const { frame, synthesis, disagreement, triage } = analysis;
  return [
    ...(decision.asked ? askersWords(decision.asked) : []),
    { heading: "Question" },
    ...text(decision.title),
    ...(isSame(frame.question, decision.title) ? [] : text(frame.question)),
    ...text(`Success means: ${frame.successCriteria}`),
    { heading: "Recommendation" },
    ...text(optionName(plan, plan.recommendedOption)),
    ...text(synthesis.rationale),
    { heading: "Risk" },
    ...text(`Risk ${triage.risk}, impact ${triage.impact} of 10. ${triage.rationale}`),
    ...text(plan.riskAssessment),
    ...plan.options.flatMap((option): Part[] => [
      { heading: `Option ${option.id}` },
      ...text(option.title),
      ...text(option.summary),
      ...analysis.advice.flatMap((advice) => scoreText(advice, option.id)),
    ]),
    ...analysis.advice.flatMap(adviceParts),
    ...analysis.missing.flatMap(({ adviser, reason }) => text(`Not heard: ${adviser}. ${reason}`)),
    { heading: `Where they disagree (${disagreement.level.toLowerCase()})` },
    ...text(bullets(synthesis.conflictPoints, "No conflict points.")),
    ...asked(decision),
    { heading: "Resources" },
    ...text(bullets(plan.resources, "None.")),
    { heading: "Tasks after approval" },
    ...text(bullets(plan.tasks, "None.")),
    { heading: "Cost" },
    ...text(costText(decision)),
  ];
}

/** Most titles are the beginning of the text, cut by us. */
function askersWords({ title, content, isCut, url }: Asked): Part[] {
  const isRepeated = oneLine(content).startsWith(oneLine(title).replace(/…$/, ""));
  return [
    { heading: "What was asked" },
    ...(isRepeated ? [] : text(title)),
    ...text(isCut ? `${content}…` : content),
    ...(isCut ? [{ note: `Only the beginning: ${link(url, "the rest is in Notion")}.` }] : []),
  ];
}

function asked(decision: DecisionRecord): Part[] {
  const texts = questionTexts(decision);
  return texts.length === 0 ? [] : [{ heading: "Questions and answers" }, ...texts.flatMap(text)];
}

function isSame(one: string, other: string): boolean {
  return oneLine(one).toLowerCase() === oneLine(other).toLowerCase();
}

function scoreText(advice: Advice, option: string): Part[] {
  const score = advice.scores.find((candidate) => candidate.option === option);
  if (!score) return text(`${advice.adviser}: no score for this option.`);
  return text(
    [
      `${advice.adviser}: impact ${score.impact} of 10, risk ${score.risk} of 5`,
      score.verdict,
      prosAndCons(score),
    ]
      .filter((line) => line.trim() !== "")
      .join("\n"),
  );
}

function prosAndCons(score: OptionScore): string {
  return [
    ...score.pros.map((pro) => `+ ${oneLine(pro)}`),
    ...score.cons.map((con) => `− ${oneLine(con)}`),
  ].join("\n");
}

function adviceParts(advice: Advice): Part[] {
  const veto = advice.veto ? `Veto against ${advice.veto.option}: ${advice.veto.reason}` : "";
  return [
    { heading: "Adviser" },
    ...text(`${advice.adviser} recommends ${advice.recommends}.`),
    ...text(advice.rationale),
    ...text(veto),
  ];
}

function costText({ analysis }: DecisionRecord): string {
  const calls = analysis.calls.map(
    (call) =>
      `${call.step}: ${call.model}, ${call.inputTokens} tokens in, ${call.outputTokens} out, ` +
      `${dollars(call.costUsd)}, ${(call.durationMs / 1000).toFixed(1)} s`,
  );
  return [`Together ${dollars(analysis.costUsd)}`, ...calls].join("\n");
}

function bullets(entries: string[], none: string): string {
  return entries.length === 0 ? none : entries.map((entry) => `• ${oneLine(entry)}`).join("\n");
}

function text(whole: string): Part[] {
  const clean = cleanText(whole).trim();
  if (clean === "") return [];
  return pieces(clean, LIMITS.sectionText)
    .filter((piece) => piece.trim() !== "")
    .map((piece) => ({ text: piece }));
}
