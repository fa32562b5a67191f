/**
 * How each adviser of the sandbox sees an option: scores, arguments and sentences. Three voices that want different
 * things, and a practical fourth for any other name of the Agent Registry.
 */
import type { Money, Reading } from "./reading.ts";
import { lowerFirst, say, share, upperFirst } from "./reading.ts";
import type { Topic } from "./topic.ts";

/** What an option is in kind: all the way, a trial, or not now. */
export type Role = "go" | "pilot" | "hold";

export interface Case {
  reading: Reading;
  topic: Topic;
  /** Title of the option that the voice is about to recommend. */
  chosen: string;
  /** 1 to 10. */
  impact: number;
  risk: "Low" | "Medium" | "High";
}

export interface Voice {
  matches: RegExp;
  /** Most wanted first. */
  prefers(facts: Case): Role[];
  score(role: Role, facts: Case): { risk: number; impact: number };
  pros(role: Role, facts: Case): string[];
  cons(role: Role, facts: Case): string[];
  verdict(role: Role, facts: Case): string;
  rationale(role: Role, facts: Case): string;
  /** On the second of two ways that exclude each other ("… or …"). */
  other: { pros: string[]; cons: string[]; verdict: string };
  /** Reason against going all the way; null when it does not come to that. */
  veto(facts: Case): string | null;
}

const RISK_STEP = { Low: -1, Medium: 0, High: 1 } as const;

/** A share of the seed, steady for the item: 0 to `steps` - 1. */
function dial(facts: Case, steps: number): number {
  return facts.reading.seed % steps;
}

/** A trial of something large costs a smaller part of it. */
export function trialCost(money: Money): Money {
  return share(money, money.amount >= 500_000 ? 0.04 : 0.18);
}

const ENTREPRENEUR: Voice = {
  matches: /entrepreneur/i,
  prefers: (facts) =>
    facts.impact <= 3 && facts.risk === "High" ? ["pilot", "go", "hold"] : ["go", "pilot", "hold"],
  score: (role, { risk, impact }) =>
    ({
      go: { risk: 3 + Math.max(0, RISK_STEP[risk]), impact: impact + 1 },
      pilot: { risk: 2, impact: impact - 2 },
      hold: { risk: 4, impact: 2 },
    })[role],
  pros: (role, { topic, reading }) =>
    ({
      go: [
        `${upperFirst(topic.upside)}`,
        "We learn from real customers at full speed instead of from a test",
        `${reading.money ? `${say(reading.money)} is a stake that can be named and limited` : "The stake can be named and limited before we start"}`,
      ],
      pilot: ["Something real happens this month", "Customers, not slides, tell us what to change"],
      hold: ["Attention stays on what already sells", "The money is there for a better chance"],
    })[role],
  cons: (role, { topic }) =>
    ({
      go: ["Ties up our best people while it starts", `Hurts if ${topic.downside}`],
      pilot: [
        "A half-hearted start may fail for being half-hearted",
        "Three months in which others see what we plan",
      ],
      hold: [`${upperFirst(topic.waiting)}`, "We know no more in a year than today"],
    })[role],
  verdict: (role) =>
    ({
      go: "This is the option that changes something; go, with a stop date in writing.",
      pilot: "Better than talking, as long as the trial has a date on which it becomes the real thing.",
      hold: "The dearest option of all, only that nobody sends an invoice for it.",
    })[role],
  rationale: (role, { topic, chosen }) =>
    role === "go"
      ? `My advice: ${lowerFirst(chosen)}. What we can win is ${topic.upside}, and that chance has a date. Waiting is not neutral: ${topic.waiting}. I would rather be 70 % ready this month than perfect next year, and cap the loss by a stop date and a named owner. I would change my mind if ${topic.doubt}.`
      : `The chance is real, but so small or so tangled that a start in one corner teaches us more than a debate. What we could win is ${topic.upside}. Let us begin within a month and agree now what result turns the trial into the real thing.`,
  other: {
    pros: ["Breaks with a habit instead of paying for it again", "Opens ways that the first choice closes"],
    cons: ["We give up what we know how to do well", "Customers and colleagues need a reason for the change"],
    verdict: "Worth it if it makes us faster, and only then.",
  },
  veto: () => null,
};

const QUANT: Voice = {
  matches: /quant/i,
  prefers: (facts) =>
    facts.risk === "Low" && facts.impact <= 5 ? ["go", "pilot", "hold"] : ["pilot", "hold", "go"],
  score: (role, { risk, impact }) =>
    ({
      go: { risk: 4 + Math.min(0, RISK_STEP[risk]), impact },
      pilot: { risk: 2, impact: impact - 1 },
      hold: { risk: 2, impact: 3 },
    })[role],
  pros: (role, facts) => {
    const { topic, reading } = facts;
    const { chance, multiple } = odds(facts);
    return {
      go: [
        `Highest upside: about ${multiple} times the stake if it works`,
        `A ${chance} % chance of that, by the base rate of comparable moves (my assumption)`,
      ],
      pilot: [
        reading.money
          ? `Buys the answer for about ${say(trialCost(reading.money))} instead of ${say(reading.money)}`
          : "Buys the answer for under a fifth of the full cost",
        `Measures ${topic.figure} within 90 days`,
      ],
      hold: [
        "No cash out; the present margin stays as it is",
        "Keeps the option open at a known price: time",
      ],
    }[role];
  },
  cons: (role, facts) => {
    const { topic, reading } = facts;
    return {
      go: [
        reading.money
          ? `Payback only after ${payback(facts)} months, with ${say(reading.money)} out before the first proof`
          : `No cost is named, so payback is open: about ${payback(facts)} months by my guess`,
        `The decisive figure is missing: ${topic.figure}`,
      ],
      pilot: [
        "Two cases are a small sample; the result is a range, not a number",
        "Delays full revenue by about one quarter",
      ],
      hold: ["Expected gain is zero", `Costs grow unseen when ${topic.waiting}`],
    }[role];
  },
  verdict: (role, facts) =>
    ({
      go: `${expectation(facts)}; a bet, not yet an investment.`,
      pilot: "The best ratio of information to money; decide again when the figure is in.",
      hold: "Rational only if the money earns more elsewhere this year.",
    })[role],
  rationale: (role, facts) => {
    const { topic } = facts;
    const { chance, multiple } = odds(facts);
    const basis = `I assume a ${chance} % chance of success and ${multiple} times the stake if it works; both are assumptions, not measurements.`;
    const missing = `The ranking hangs on one figure that nobody has yet: ${topic.figure}.`;
    return {
      go: `${basis} The stake is small and payback at about ${payback(facts)} months is inside a normal planning year, so a separate trial would cost more time than it saves. One figure I would track from the first day: ${topic.figure}. If it comes out at twice the expected value, stop.`,
      pilot: `${basis} ${expectation(facts)}. ${missing} A trial measures it within 90 days; if the result lies above break-even, I will recommend the full step without hesitation.`,
      hold: `${basis} ${expectation(facts)}. ${missing} Until then every choice is a guess with a price tag. Three months of measuring cost little and halve the range; then decide, on a date fixed today.`,
    }[role];
  },
  other: {
    pros: [
      "Its cost can be capped in the contract",
      "Gives a second data point to compare the first way with",
    ],
    cons: [
      "No figure is given for it, so it cannot be ranked yet",
      "The cost of changing over is missing from the item",
    ],
    verdict: "Cannot be rejected on the numbers, because there are none.",
  },
  veto: () => null,
};

function odds(facts: Case): { chance: number; multiple: number } {
  return {
    chance: 35 + dial(facts, 4) * 5 - RISK_STEP[facts.risk] * 5,
    multiple: [2.2, 2.6, 3.1][dial(facts, 3)] ?? 2.6,
  };
}

function payback(facts: Case): number {
  return facts.risk === "Low" ? 7 + dial(facts, 4) : 13 + dial(facts, 9);
}

function expectation(facts: Case): string {
  const { chance, multiple } = odds(facts);
  const perUnit = (chance / 100) * multiple - 1;
  const { money } = facts.reading;
  if (money) return `Expected value of going all the way: ${say(share(money, perUnit))} on ${say(money)}`;
  const percent = Math.round(perUnit * 100);
  return `Expected value of going all the way: ${percent < 0 ? "−" : "+"}${Math.abs(percent)} % of the stake`;
}

const AUDITOR: Voice = {
  matches: /auditor/i,
  prefers: (facts) => (facts.risk === "High" ? ["hold", "pilot", "go"] : ["pilot", "hold", "go"]),
  score: (role, { risk, impact }) =>
    ({
      go: { risk: risk === "Low" ? 3 : risk === "High" ? 5 : 4, impact: impact - 2 },
      pilot: { risk: risk === "High" ? 3 : 2, impact: impact - 3 },
      hold: { risk: 1, impact: risk === "High" ? 5 : 3 },
    })[role],
  pros: (role, { topic }) =>
    ({
      go: ["Clear responsibility, if one name stands behind it", "Ends the present half-way state"],
      pilot: ["The damage is limited in time and amount", `Time to settle ${topic.duty}`],
      hold: ["No new obligation and nothing to undo", "Evidence can be gathered without pressure"],
    })[role],
  cons: (role, { topic }) =>
    ({
      go: [`Still open: ${topic.duty}`, `Worst case: ${topic.downside}`],
      pilot: [
        "Trials tend to become permanent without anybody deciding it",
        "Even a small start needs the paperwork of a large one",
      ],
      hold: ["The reason for the question does not go away", `A slow loss is a loss too if ${topic.waiting}`],
    })[role],
  verdict: (role, { topic }) =>
    ({
      go: `Not before this is in writing: ${topic.duty}.`,
      pilot: "Defensible, with an end date, a limit and one person who signs for both.",
      hold: "Nothing breaks, and nobody will have to explain it.",
    })[role],
  rationale: (role, { topic }) =>
    role === "hold"
      ? `The worst case is plain: ${topic.downside}. Nothing in writing stands against it so far, and going back would be slow and public. Before any money moves I want this settled: ${topic.duty}. With evidence of that I would support a limited trial, not before.`
      : `I do not oppose the step; I want it survivable. A limited start is acceptable if these are settled first: ${topic.duty}. The worst case, that ${topic.downside}, must have a limit, an owner and an early warning. What would change my mind is a written confirmation that the exit costs less than a quarter's budget.`,
  other: {
    pros: ["Ends an obligation instead of extending it", "Makes the responsible person visible"],
    cons: [
      "Every agreement that assumes the present way has to be read again",
      "Going back would have to be negotiated from the weaker side",
    ],
    verdict: "Possible, once somebody has read every contract that it touches.",
  },
  veto: ({ topic, risk, impact }) =>
    risk === "High" && impact >= 7
      ? `Going all the way before ${topic.duty} are settled in writing puts a promise at risk that the company could not keep. I would lift the veto on written evidence.`
      : null,
};

const OPERATOR: Voice = {
  matches: /./,
  prefers: (facts) => (dial(facts, 2) === 0 ? ["pilot", "go", "hold"] : ["go", "pilot", "hold"]),
  score: (role, { impact }) =>
    ({ go: { risk: 3, impact }, pilot: { risk: 2, impact: impact - 1 }, hold: { risk: 2, impact: 3 } })[role],
  pros: (role, { topic }) =>
    ({
      go: [`${upperFirst(topic.upside)}`, "One plan and one owner instead of two half plans"],
      pilot: ["The people who do the work can correct the plan early", "Fits beside the daily business"],
      hold: ["No extra load on the team this quarter", "Running work gets finished first"],
    })[role],
  cons: (role, { topic }) =>
    ({
      go: [
        `${upperFirst(topic.people)}, and that time is missing elsewhere`,
        `Hard on the team if ${topic.downside}`,
      ],
      pilot: ["Double work while old and new run side by side", "Needs somebody to end it on time"],
      hold: [`${upperFirst(topic.waiting)}`, "The question comes back with less time to answer it"],
    })[role],
  verdict: (role) =>
    ({
      go: "Doable, when the owner is named and something else is stopped for it.",
      pilot: "The way to find out how it works on an ordinary Tuesday.",
      hold: "Easy today; somebody should say what would bring it forward.",
    })[role],
  rationale: (_role, { topic }) =>
    `What counts for me is who does it and what they stop doing. It takes this: ${topic.people.toLowerCase()}. With that settled, the first milestone can be reached within a quarter; without it, every option fails in the same way.`,
  other: {
    pros: ["Some of the daily friction goes away", "People would see that something changes"],
    cons: [
      "Everybody has to change their habits in the same month",
      "The plan for the change does not exist yet",
    ],
    verdict: "Only with a date, a plan and somebody who answers questions.",
  },
  veto: () => null,
};

const VOICES = [ENTREPRENEUR, QUANT, AUDITOR, OPERATOR];

export function voiceOf(adviser: string): Voice {
  return VOICES.find((voice) => voice.matches.test(adviser)) ?? OPERATOR;
}

const PILOT_WORDS =
  /\b(pilot|trial|try|test|prototype|first|side by side|contractor|only|option|small(?:er|est)?|phase[ds]?|limited)\b/i;
const HOLD_WORDS =
  /\b(hold|keep|stay|leave|wait|nothing|decline|walk away|as it is|as is|postpone|do not|don't|renegotiate|no change|off the roadmap)\b/i;

/** By the words of its title; the first option of a list is never a mere trial of itself. */
export function roleOf(title: string): Role {
  if (HOLD_WORDS.test(title)) return "hold";
  return PILOT_WORDS.test(title) ? "pilot" : "go";
}
