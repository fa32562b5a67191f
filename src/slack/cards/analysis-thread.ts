/**
 * What the advisers said, whole, for the thread of the card: one message for what they agreed on and one for each of
 * them, more where Slack does not take that much at once. Pure; nothing is cut, and foreign text is shown as written.
 */
import type { Advice, Analysis, OptionScore } from "../../domain/analysis.ts";
import { cleanText, inertLine, LIMITS, link, oneLine, pieces } from "../limits.ts";
import { type Block, type Message, plain, section } from "./blocks.ts";

/** Room for the line that says that a message goes on. */
const MESSAGE_ROOM = LIMITS.messageBlockText - 500;
const MESSAGE_BLOCKS = LIMITS.messageBlocks - 1;

/** A heading in mrkdwn, inert already, or a text shown exactly as written. */
type Part = { heading: string } | { text: string };

interface Topic {
  /** For notifications, and above what goes on in a further message. Inert. */
  name: string;
  parts: Part[];
}

/** In the order they are posted in. The same analysis always makes the same messages. */
export function analysisThread(analysis: Analysis): Message[] {
  const topics = [together(analysis), ...analysis.advice.map((advice) => alone(advice, analysis))];
  return topics.flatMap(messagesOf);
}

/** In the thread of a card that shows the same advice as an earlier one. */
export function adviceElsewhere(firstCardUrl: string | null): string {
  return `The advisers were not asked again. What they said is in the thread of ${link(firstCardUrl, "the first card")}, and under Details.`;
}

function together({ frame, synthesis, triage, disagreement, missing }: Analysis): Topic {
  const name = "What the advisers say, in full";
  const isSplit = synthesis.conflictPoints.length > 0 || disagreement.level !== "None";
  return {
    name,
    parts: [
      { heading: `*${name}*` },
      ...text(frame.question),
      ...text(labelled("Success means", frame.successCriteria)),
      { heading: `*Recommended: ${optionTitle(synthesis.recommendedOption, frame.options)}*` },
      ...text(synthesis.rationale),
      { heading: `*Risk* ${inertLine(triage.risk, 10)} · *Impact* ${figure(triage.impact)} of 10` },
      ...text(triage.rationale),
      ...text(synthesis.riskAssessment),
      { heading: "*Options*" },
      ...frame.options.flatMap(({ id, title, summary }) => text(`${id}. ${oneLine(title)}\n${summary}`)),
      ...(isSplit
        ? [{ heading: `*Where they disagree* (${inertLine(disagreement.level, 10).toLowerCase()})` }]
        : []),
      ...text(list("•", synthesis.conflictPoints)),
      ...listed("Needs", synthesis.requiredResources),
      ...listed("Tasks after approval", synthesis.tasks),
      ...missing.flatMap(({ adviser, reason }) => [
        { heading: `*Not heard: ${name80(adviser)}*` },
        ...text(reason),
      ]),
    ],
  };
}

function alone(advice: Advice, { frame }: Analysis): Topic {
  const { adviser, recommends, rationale, scores, veto } = advice;
  const choice = optionTitle(recommends, frame.options);
  return {
    name: `${name80(adviser)} recommends ${choice}`,
    parts: [
      { heading: `*${name80(adviser)} recommends ${choice}*` },
      ...text(rationale),
      ...(veto === null
        ? []
        : [{ heading: `*Veto against ${optionTitle(veto.option, frame.options)}*` }, ...text(veto.reason)]),
      ...frame.options.flatMap(({ id }) => {
        const score = scores.find((candidate) => candidate.option === id);
        const judged = score
          ? `impact ${figure(score.impact)} of 10, risk ${figure(score.risk)} of 5`
          : "no score";
        return [
          { heading: `*${optionTitle(id, frame.options)}*\n${judged}` },
          ...(score ? text(verdictText(score)) : []),
        ];
      }),
    ],
  };
}

function verdictText({ verdict, pros, cons }: OptionScore): string {
  return [verdict, list("+", pros), list("−", cons)].filter((lines) => lines.trim() !== "").join("\n");
}

function listed(name: string, entries: string[]): Part[] {
  return entries.length === 0 ? [] : [{ heading: `*${name}*` }, ...text(list("•", entries))];
}

function list(mark: string, entries: string[]): string {
  return entries.map((entry) => `${mark} ${oneLine(entry)}`).join("\n");
}

function labelled(label: string, words: string): string {
  return words.trim() === "" ? "" : `${label}: ${words}`;
}

function optionTitle(id: string, options: Analysis["frame"]["options"]): string {
  const title = oneLine(options.find((option) => option.id === id)?.title ?? "");
  // The whole title stands among the options; a star would end the bold type.
  return inertLine(title === "" ? `Option ${id}` : `${id}. ${title}`, 300).replace(/\*/g, "∗");
}

function name80(adviser: string): string {
  return inertLine(adviser, 80).replace(/\*/g, "∗");
}

function figure(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 10) / 10) : "no data";
}

function text(whole: string): Part[] {
  return pieces(cleanText(whole).trim(), LIMITS.sectionText)
    .filter((piece) => piece.trim() !== "")
    .map((piece) => ({ text: piece }));
}

function messagesOf({ name, parts }: Topic): Message[] {
  const pages = paginate(parts);
  return pages.map((page, index) => ({
    text: index === 0 ? `${name}.` : `${name} (${index + 1} of ${pages.length}).`,
    blocks: [
      ...(index === 0 ? [] : [section("more", `_${name}: ${index + 1} of ${pages.length}_`)]),
      ...page.map((part, n) => blockOf(part, n)),
    ],
  }));
}

function paginate(parts: Part[]): Part[][] {
  const pages: Part[][] = [];
  for (const [index, part] of parts.entries()) {
    const last = pages.at(-1);
    // A heading stays with what it is about.
    const next = "heading" in part ? parts[index + 1] : undefined;
    const grown = [...(last ?? []), part, ...(next !== undefined && "text" in next ? [next] : [])];
    if (last && grown.length <= MESSAGE_BLOCKS && sizeOf(grown) <= MESSAGE_ROOM) last.push(part);
    else pages.push([part]);
  }
  return pages;
}

function blockOf(part: Part, index: number): Block {
  const id = `advice_${index}`;
  return "heading" in part
    ? section(id, part.heading)
    : { type: "section", block_id: id, text: plain(part.text) };
}

function sizeOf(parts: Part[]): number {
  return parts.reduce((sum, part) => sum + ("heading" in part ? part.heading : part.text).length, 0);
}
