/** Questions and answers on the card, under Details, and in the thread. Pure; foreign text is inert or shown as written. */
import type { DecisionRecord, Question } from "../../domain/decision.ts";
import { answererName, type GivenAnswer } from "../../domain/talk.ts";
import type { TalkNote } from "../../workflows/talk-ports.ts";
import { ACTIONS, encodeQuestionValue } from "../ids.ts";
import { cleanText, clip, inertLine, LIMITS, link, mention, oneLine, pieces } from "../limits.ts";
import { actions, type Block, button, type Message, plainSection, section } from "./blocks.ts";
import { nameOf } from "./decision-parts.ts";

/** On the card; all of them are under Details. */
const SHOWN = 3;
/** In the answer's message the question is quoted this far. */
const QUOTED = 300;
/** Of one text in one message; longer answers are not accepted from anybody. */
const TEXT_AT_MOST = 6_000;

/** The latest questions with their answers, as a paragraph of the card; null when nothing was asked. */
export function questionLines(decision: DecisionRecord, where: string): string | null {
  const { questions } = decision;
  if (questions.length === 0) return null;
  const hidden = questions.length - SHOWN;
  return [
    "*Asked*",
    ...(hidden > 0 ? [`… ${hidden} earlier ${hidden === 1 ? "question" : "questions"} (${where})`] : []),
    questions
      .slice(-SHOWN)
      .map((question) => onCard(decision, question, where))
      .join("\n\n"),
  ].join("\n");
}

function onCard(decision: DecisionRecord, question: Question, where: string): string {
  const { by, text, answer } = question;
  const asked = `${bold(nameOf(by))} asks ${addressee(decision, question)}: ${inertLine(text, 160, where)}`;
  if (answer === null) return `${asked}\n↳ _No answer yet._`;
  return `${asked}\n↳ ${bold(inertLine(answererName(answer), 80))}: ${inertLine(answer.text, 240, where)}`;
}

/** A name in bold must not end the bold type itself. */
function bold(name: string): string {
  return `*${name.replace(/\*/g, "∗")}*`;
}

function addressee({ requestedBy }: DecisionRecord, { to }: Question): string {
  if (to !== "requester") return inertLine(to.adviser, 80);
  return requestedBy === null ? "whoever asked for this" : mention(requestedBy);
}

/** For the details, which show all of it as written. */
export function questionTexts({ questions }: Pick<DecisionRecord, "questions">): string[] {
  return questions.map(({ by, to, text, answer }) => {
    const whom = to === "requester" ? "whoever asked for this" : to.adviser;
    const given = answer === null ? "No answer yet." : `${answererName(answer)}: ${answer.text}`;
    return `${by.name} asks ${whom}: ${text}\n${given}`;
  });
}

/** What is said in the thread of the card. */
export function talkMessage(decision: DecisionRecord, note: TalkNote): Message {
  switch (note.kind) {
    case "asked":
      return asked(decision, note.question);
    case "answered":
      return answered(decision, note);
    case "not-answered":
      return notAnswered(decision, note);
    case "dialectic-began":
      return line(
        `${nameOf(note.by)} asks all three advisers. The card stays as it is until they have spoken, and can be decided meanwhile.`,
      );
    case "dialectic-failed":
      return line(
        `The three advisers could not be heard: ${inertLine(note.reason, 600)} The card stays as it is; ask them again from its menu, or with \`/emm dialectic\`.`,
      );
    case "dialectic-dropped":
      return line(
        `The three advisers have spoken, but not in time: ${inertLine(note.reason, 300)} What they said for ${nameOf(note.by)} is dropped, and nothing changes.`,
      );
  }
}

function line(text: string): Message {
  return { text, blocks: [section("talk", text)] };
}

function asked(decision: DecisionRecord, question: Question): Message {
  const { by, to } = question;
  const whom = addressee(decision, question);
  const heading =
    to === "requester"
      ? `${whom}: ${bold(nameOf(by))} has a question before this is decided.`
      : `${bold(nameOf(by))} asks ${bold(whom)}:`;
  return askedMessage(decision, question, heading);
}

/** To whoever asked for the decision, where they are sure to see it. */
export function directQuestion(decision: DecisionRecord, question: Question): Message {
  const title = link(decision.cardUrl, inertLine(oneLine(decision.title) || "Decision", 200));
  return askedMessage(
    decision,
    question,
    `${bold(nameOf(question.by))} has a question about what you asked for: ${title}`,
  );
}

function askedMessage(decision: DecisionRecord, question: Question, heading: string): Message {
  const { to, text } = question;
  const value = encodeQuestionValue({ id: decision.id, question: question.id });
  const label = `Answer the question: ${oneLine(text)}`;
  const answer = button({ action: ACTIONS.answer, text: "Answer", value, label, style: "primary" });
  return {
    text: clip(`${heading} ${inertLine(text, 600)}`, LIMITS.messageText),
    blocks: [
      section("heading", heading),
      ...written("question", text),
      ...(to === "requester" ? [actions("answer", [answer])] : []),
    ],
  };
}

function answered(
  decision: DecisionRecord,
  { question, answer, isLate }: { question: Question; answer: GivenAnswer; isLate: boolean },
): Message {
  const who = bold(inertLine(answererName(answer), 80));
  const card = link(decision.cardUrl, "The card");
  const effect = isLate
    ? "_The decision was closed before this came; it is not on the card._"
    : `_${card} shows it as well. Whoever looked at it before sees it anew before deciding._`;
  return {
    text: clip(`${who} answers: ${inertLine(answer.text, 600)}`, LIMITS.messageText),
    blocks: [
      section("heading", `${who} answers ${asker(question)}:`),
      plainSection("quoted", `“${clip(oneLine(cleanText(question.text)), QUOTED)}”`),
      ...written("text", answer.text),
      section("effect", effect),
    ],
  };
}

/** Called, because they wait for it. */
function asker({ by }: Question): string {
  return by.slackId === null ? nameOf(by) : mention(by.slackId);
}

function notAnswered(
  { id }: DecisionRecord,
  { question, reason, attempt }: { question: Question; reason: string; attempt: number },
): Message {
  const who = question.to === "requester" ? "Whoever was asked" : inertLine(question.to.adviser, 80);
  const text = `${who} could not answer: ${inertLine(reason, 600)}`;
  const value = encodeQuestionValue({ id, question: question.id, attempt: attempt + 1 });
  const label = `Ask again: ${oneLine(question.text)}`;
  return {
    text,
    blocks: [
      section("talk", text),
      plainSection("quoted", `“${clip(oneLine(cleanText(question.text)), QUOTED)}”`),
      actions("again", [button({ action: ACTIONS.askAgain, text: "Ask again", value, label })]),
    ],
  };
}

/** Exactly as written, in as many blocks as it takes. */
function written(name: string, whole: string): Block[] {
  const text = clip(cleanText(whole).trim(), TEXT_AT_MOST, "whole text under Details");
  return pieces(text, LIMITS.sectionText)
    .filter((piece) => piece.trim() !== "")
    .map((piece, index) => plainSection(`${name}_${index}`, piece));
}
