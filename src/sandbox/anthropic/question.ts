/** What an adviser of the sandbox answers to a question about a decision, from the words of both. Pure. */
import { clip, numberFrom, type Reading, say } from "./reading.ts";
import type { Topic } from "./topic.ts";
import { topicOf } from "./topics.ts";

interface Kind {
  asks: RegExp;
  opening(reading: Reading, topic: Topic): string;
}

/** The first kind that fits the question is it. */
const KINDS: readonly Kind[] = [
  {
    asks: /\b(how much|cost|costs|budget|price|afford|spend|money|pay)\b/i,
    opening: ({ money }) =>
      money
        ? `The only cost in the material is ${say(money)}; what is beyond it is not known yet.`
        : "The material names no cost, so any figure from me would be a guess.",
  },
  {
    asks: /\b(when|how long|how soon|deadline|until|by what date|month|quarter|wait)\b/i,
    opening: ({ when }, { waiting }) =>
      when
        ? `The item says ${when}; I see nothing that forces an earlier date.`
        : `No date is given. What sets the pace is that ${waiting}.`,
  },
  {
    asks: /\b(who|whom|whose|team|people|owner|responsible|hire)\b/i,
    opening: (_, { people }) => `As far as the material goes: ${lower(people)}.`,
  },
  {
    asks: /\b(risk|worst|fail|wrong|danger|stop|exit|undo)\b/i,
    opening: (_, { downside }) => `The case to prepare for is that ${downside}.`,
  },
  {
    asks: /\bwhat if\b/i,
    opening: (_, { doubt }) =>
      `Then the ranking may change. What would turn it for me is whether ${lower(doubt)}.`,
  },
];

const OTHERWISE: Kind = {
  asks: /./,
  opening: () => "The material does not answer that in full, so take this as my reading of it.",
};

const CLOSINGS: readonly { who: RegExp; say: (topic: Topic) => string }[] = [
  {
    who: /entrepreneur/i,
    say: ({ upside }) =>
      `What I would not lose sight of is ${upside}. Ask three customers this week; their answer is worth more than mine.`,
  },
  {
    who: /quant/i,
    say: ({ figure }) =>
      `The one figure that would settle it is ${figure}. Until somebody has it, I keep my recommendation and call it an assumption.`,
  },
  {
    who: /auditor/i,
    say: ({ duty }) =>
      `Before anybody relies on this, have in writing: ${duty}. My recommendation stays as it is until I have seen it.`,
  },
];

export function answerQuestion(reading: Reading, asked: { adviser: string; question: string }) {
  const topic = topicOf(reading);
  const kind = KINDS.find(({ asks }) => asks.test(asked.question)) ?? OTHERWISE;
  const closing =
    CLOSINGS.find(({ who }) => who.test(asked.adviser)) ??
    CLOSINGS[numberFrom(asked.adviser) % CLOSINGS.length];
  return {
    answer: `${kind.opening(reading, topic)} ${closing?.say(topic) ?? `On “${clip(reading.title, 60)}”.`}`,
  };
}

/** The question stands in the last fence of the prompt. */
export function questionIn(prompt: string): string {
  const fences = [...prompt.matchAll(/<([a-z]+-[0-9a-f]{8,})>\n([\s\S]*?)\n<\/\1>/g)];
  return fences.at(-1)?.[2] ?? prompt;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
