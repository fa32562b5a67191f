/** Framing, advice and summary for an item, worded from its own words. Pure: the same reading, the same memo. */
import { clip, isQuoted, type Reading, say, upperFirst } from "./reading.ts";
import type { Topic } from "./topic.ts";
import { topicOf } from "./topics.ts";
import { impactOf, riskOf } from "./triage.ts";
import { type Case, type Role, roleOf, trialCost, voiceOf } from "./voices.ts";

interface RatedOption {
  id: string;
  title: string;
  role: Role;
}

const POSTPONE = "Postpone for a quarter and get the figures";
const LETTERS = ["A", "B", "C", "D"];
const TITLE_CHARS = 60;
/** From here on a decision is big: more tasks, more money to name. */
const BIG_IMPACT = 6;

export function frameItem(reading: Reading) {
  const topic = topicOf(reading);
  const stake = reading.money ? ` Takes up to the ${say(reading.money)} named in the item.` : "";
  const start = reading.when || (isQuoted(reading) ? "" : "now");
  const go = {
    title: clip(upperFirst(`${reading.act} ${start}`.trim()), TITLE_CHARS),
    summary: `${topic.commits}${stake}`,
  };
  const other = reading.otherAct
    ? {
        title: clip(upperFirst(reading.otherAct), TITLE_CHARS),
        summary:
          "Takes the other way named in the item; both cannot be had at once. What it costs and who would do it is still to be worked out.",
      }
    : null;
  const question = [reading.act, reading.otherAct].filter((act) => act !== null).join(" or ");
  const options = other ? [go, other, postponed()] : [go, topic.pilot, topic.hold];
  return {
    question: reading.asked ?? `Should we ${question}${reading.when ? ` ${reading.when}` : ""}?`,
    successCriteria: `${topic.success}${reading.money ? `, for no more than ${say(reading.money)}` : ""}.`,
    options: options.map((option, i) => ({ id: LETTERS[i] ?? "A", ...option })),
  };
}

function postponed() {
  return {
    title: POSTPONE,
    summary:
      "Leave things as they are for three months, collect the cost and effect of both ways, and decide at a fixed date. Only sensible if nothing runs out meanwhile.",
  };
}

export function adviseOn(reading: Reading, adviser: string) {
  const voice = voiceOf(adviser);
  const options = ratedOptions(reading);
  const outset = caseOf(reading);
  const chosen = preferred(options, voice.prefers(outset), reading.seed);
  const facts = { ...outset, chosen: chosen.title };
  const reason = voice.veto(facts);
  const vetoed = options.find((option) => option.role === "go" && option.id !== chosen.id);
  return {
    scores: options.map((option) => {
      const score = voice.score(option.role, facts);
      // Two options of the same kind are not equally good: the one not chosen stands a little behind.
      const behind = option.role === chosen.role && option.id !== chosen.id ? 1 : 0;
      const isOther = option.role === "go" && options.some((o) => o.role === "go" && o.id < option.id);
      const words = isOther
        ? voice.other
        : {
            pros: voice.pros(option.role, facts),
            cons: voice.cons(option.role, facts),
            verdict: voice.verdict(option.role, facts),
          };
      return {
        option: option.id,
        ...words,
        risk: within(score.risk, 1, 5),
        impact: within(score.impact - behind, 1, 10),
      };
    }),
    rationale: voice.rationale(chosen.role, facts),
    recommends: chosen.id,
    veto: reason !== null && vetoed ? { option: vetoed.id, reason } : null,
  };
}

function caseOf(reading: Reading): Case {
  const risk =
    reading.risk === "Low" || reading.risk === "Medium" || reading.risk === "High" ? reading.risk : null;
  return {
    reading,
    topic: topicOf(reading),
    chosen: "",
    impact: reading.impact ?? impactOf(reading, "strategic"),
    risk: risk ?? riskOf(reading, "strategic"),
  };
}

function ratedOptions(reading: Reading): RatedOption[] {
  const options = reading.options.length > 0 ? reading.options : frameItem(reading).options;
  return options.map(({ id, title }) => ({ id, title, role: roleOf(title) }));
}

function preferred(options: RatedOption[], roles: Role[], seed: number): RatedOption {
  const byRole = roles.map((role) => options.filter((option) => option.role === role));
  const candidates = byRole.find((group) => group.length > 0) ?? options;
  return candidates[seed % candidates.length] ?? { id: "A", title: "", role: "go" };
}

function within(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.round(value)));
}

// --- Summary ----------------------------------------------------------------------------------------------

export function summarise(reading: Reading) {
  const facts = caseOf(reading);
  const options = ratedOptions(reading);
  const chosen = recommended(reading, options);
  const { topic } = facts;
  return {
    conflictPoints: conflictPoints(reading, options),
    rationale: rationaleOf(reading, chosen, facts),
    recommendedOption: chosen.id,
    riskAssessment: riskText(chosen, facts),
    requiredResources: resources(chosen, facts),
    tasks: tasksFor(chosen, topic, facts.impact),
  };
}

/** Most recommended and not vetoed; a trial before the rest when nobody leads. */
function recommended(reading: Reading, options: RatedOption[]): RatedOption {
  const vetoed = reading.advice.map((advice) => advice.veto?.option);
  const votes = (id: string) => reading.advice.filter((advice) => advice.recommends === id).length;
  const caution: Record<Role, number> = { pilot: 0, go: 1, hold: 2 };
  const ranked = options.toSorted(
    (a, b) =>
      Number(vetoed.includes(a.id)) - Number(vetoed.includes(b.id)) ||
      votes(b.id) - votes(a.id) ||
      caution[a.role] - caution[b.role] ||
      a.id.localeCompare(b.id),
  );
  return ranked[0] ?? { id: "A", title: "", role: "go" };
}

function conflictPoints(reading: Reading, options: RatedOption[]): string[] {
  // One voice has nobody to disagree with.
  if (reading.advice.length < 2) return [];
  const chosen = recommended(reading, options);
  const titleOf = (id: string) => options.find((option) => option.id === id)?.title ?? id;
  const { figure, duty, waiting } = topicOf(reading);
  return reading.advice
    .filter((advice) => advice.recommends !== chosen.id || advice.veto)
    .map(({ adviser, recommends, veto }) => {
      const because = {
        go: `waiting has a price: ${waiting}`,
        pilot: `one figure is missing: ${figure}`,
        hold: `this is not settled: ${duty}`,
      }[roleOf(titleOf(recommends))];
      const vetoes = veto ? ` and vetoes ${veto.option} (${titleOf(veto.option)})` : "";
      return `${adviser} prefers ${recommends} (${titleOf(recommends)})${vetoes}; ${veto ? `this is not settled: ${duty}` : because}.`;
    });
}

function rationaleOf(reading: Reading, chosen: RatedOption, { topic }: Case): string {
  const why = {
    go: `What can be won is ${topic.upside}, and the stake can be limited by a budget and a stop date.`,
    pilot: `It measures what decides the matter, ${topic.figure}, for a fraction of the full cost, and keeps the full step open.`,
    hold: `The open obligations (${topic.duty}) weigh more than the time lost, and nothing is lost that cannot be taken up again.`,
  }[chosen.role];
  const behind = reading.advice
    .filter((advice) => advice.recommends === chosen.id)
    .map((advice) => advice.adviser);
  const against = reading.advice
    .filter((advice) => advice.recommends !== chosen.id)
    .map((advice) => advice.adviser);
  const support =
    reading.advice.length <= 1
      ? ""
      : against.length === 0
        ? " All advisers point the same way, from different directions."
        : behind.length === 0
          ? " No adviser put it first; it is what all of them could live with."
          : ` ${listed(behind)} ${behind.length === 1 ? "supports" : "support"} it; ${listed(against)} would go another way.`;
  // Nobody objected where nobody stands against it; then it is only the weak side of the option.
  const opening = against.length === 0 ? "What speaks against it is" : "The objection that weighs most is";
  const objection = {
    go: `that ${topic.downside}; a fixed review date answers it.`,
    pilot: "lost time; a decision date agreed today answers it.",
    hold: `that ${topic.waiting}; two named signals bring the question back early.`,
  }[chosen.role];
  return `${why} ${opening} ${objection}${support}`;
}

function riskText(chosen: RatedOption, { topic, risk, reading }: Case): string {
  const limit = {
    go: `a budget limit${reading.money ? ` of ${say(reading.money)}` : ""}, a named owner and a date on which it is stopped if the first milestone is missed`,
    pilot: "the end date, the cost limit and the fact that the present way keeps running",
    hold: "a fixed date for the next look and two signals that bring it forward",
  }[chosen.role];
  const main = chosen.role === "hold" ? topic.waiting : topic.downside;
  const sign = {
    go: "the first milestone slips by more than four weeks",
    pilot: "the figures are not in by the middle of the trial",
    hold: "customers or colleagues ask about it more often than today",
  }[chosen.role];
  return `Risk of the whole decision: ${risk.toLowerCase()}. The main risk of this option is that ${main}. The early sign is that ${sign}. The damage is limited by ${limit}.`;
}

function resources(chosen: RatedOption, { topic, impact, reading }: Case): string[] {
  if (chosen.title === POSTPONE)
    return ["Two days of an analyst within the quarter", "One hour of the management to decide"];
  if (chosen.role === "hold") return ["Half a day for the review at the agreed date"];
  const { money } = reading;
  const sum = {
    go: money
      ? `Up to ${say(money)}, as named in the item`
      : "No cost is named; what it takes, if anything, is to be set first",
    pilot: money
      ? `About ${say(trialCost(money))} for the trial (estimate)`
      : "No cost is named; the trial starts with what is there",
  }[chosen.role];
  const people =
    chosen.role === "pilot"
      ? (topic.pilotPeople ?? "One accountable owner, a day a week for three months")
      : topic.people;
  return impact >= BIG_IMPACT ? [people, sum, `To be settled first: ${topic.duty}`] : [people, sum];
}

const POSTPONE_TASKS = [
  "Put cost and effect of both ways on one page",
  "Check that no notice period or deadline falls into the quarter",
  "Fix the date of the decision and invite those who decide",
];

function tasksFor(chosen: RatedOption, topic: Topic, impact: number): string[] {
  const tasks =
    chosen.title === POSTPONE
      ? POSTPONE_TASKS
      : { go: topic.goTasks, pilot: topic.pilotTasks, hold: topic.holdTasks }[chosen.role];
  const known = tasks.slice(0, impact >= 8 ? 5 : impact >= BIG_IMPACT ? 4 : 2);
  // A big decision to wait still needs a third step: somebody has to be told.
  return impact >= BIG_IMPACT && known.length < 3
    ? [...known, "Tell everyone who waits for this decision what was decided and why"]
    : known;
}

function listed(names: string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}
