/**
 * The company itself is at stake: it is bought, sold or merged, a place closes, people are let go. How to tell from the
 * words of an item, and what is said about closing and letting go. Buying and merging is a DEAL of topics.ts.
 */
import type { Reading } from "./reading.ts";
import type { Topic } from "./topic.ts";

const WHOLE =
  "competitors?|rivals?|compan(?:y|ies)|business(?:es)?|firms?|start-?ups?|subsidiar(?:y|ies)|divisions?|offices?|branch(?:es)?|sites?|factor(?:y|ies)|warehouses?|headquarters";
const PEOPLE = "staff|jobs|workforce|headcount|employees|people";
/** Up to four words such as "our small Berlin"; what comes after "for" or "to" is not what is bought. */
const THE = "(?:(?!(?:for|to|from|in|at|with|on)\\b)[\\w%'’-]+\\s+){0,4}?";

const TRADE = new RegExp(
  `\\b(?:buy|buying|purchas(?:e|ing)|sell|selling|tak(?:e|ing) over|buy(?:ing)? out|divest(?:ing)?)\\s+${THE}(?:${WHOLE})\\b`,
  "gi",
);
const DEALS =
  /\b(?:acqui(?:re|ring)\b(?!\s+(?:\w+\s+){0,2}(?:customers?|users?|skills|leads|talent)\b)|merg(?:e|ing) with\b|mergers?\b|takeover\b)/i;
/** "buy Globex": one name and no plural, so that it is nothing of which one buys several. */
const NAMED =
  /\b(?:[Bb]uy|[Bb]uying|[Ss]ell|[Ss]elling) (?!HubSpot|Salesforce|Notion|Slack|Jira|Figma|Zendesk|Datadog)[A-Z][\w&-]*[a-rt-z](?:\s(?:Inc|GmbH|AG|Ltd|LLC|Corp|SA|BV|SE|Group|Labs|Logistics|Systems|Holdings))?(?=\s*(?:[?.!,;]|$)|\s(?:for|before|now|this|next|or)\b)/m;
const CLOSING = new RegExp(
  `\\b(?:clos(?:e|ing)(?: down)?|shut(?:ting)?(?: down)?|wind(?:ing)? (?:up|down))\\s+${THE}(?:${WHOLE})\\b`,
  "gi",
);
const LETTING_GO = new RegExp(
  `\\b(?:lay(?:ing)? (?:[\\w%]+ ){0,4}?off|layoffs?|redundancies|(?:cut|cutting|fir(?:e|ing)|dismiss(?:ing)?|let(?:ting)? go(?: of)?)\\s+${THE}(?:${PEOPLE}))\\b(?!-)`,
  "i",
);
/** After the thing itself. "Office chairs", "the company car" and "the office on Friday" go on in another way. */
const ENDS =
  /^(?: *(?:[?.!,;:()\n]|$)| +(?:[A-Z]|(?:of|in|before|after|by|next|this|now|and|or|until|because|since|if|that|which|with|called|for (?:good|about|up|[$€£\d]))(?![\w-])))/;

/** Title and act only: what else stands in an item is often history. */
function deed({ title, act, otherAct }: Reading): string {
  return `${title}\n${act}\n${otherAct ?? ""}`;
}

function isWhole(text: string, pattern: RegExp): boolean {
  return [...text.matchAll(pattern)].some(({ 0: found, index }) =>
    ENDS.test(text.slice(index + found.length)),
  );
}

/** The company, a part of it or another one is bought, sold or merged. */
export function isTrade(reading: Reading): boolean {
  const text = deed(reading);
  return DEALS.test(text) || NAMED.test(text) || isWhole(text, TRADE);
}

/** A place or the company closes for good, or people are let go. */
export function isClosing(reading: Reading): boolean {
  const text = deed(reading);
  return LETTING_GO.test(text) || isWhole(text, CLOSING);
}

export function isUpheaval(reading: Reading): boolean {
  return isTrade(reading) || isClosing(reading);
}

export const CLOSE: Topic = {
  words: LETTING_GO,
  pilot: {
    title: "Freeze hiring and cut other costs first",
    summary:
      "Stop hiring and spending that can wait, ask for volunteers, and count after 90 days what is still missing. Everything beyond it stays possible.",
  },
  hold: {
    title: "Keep everyone and decide in two quarters",
    summary:
      "Leave places and jobs as they are and fix the figures that would force the step. Costs what it costs today, and keeps trust.",
  },
  commits: "Ends jobs or a place for good, costs severance first, and is remembered by all who stay.",
  success: "The planned saving reached within three quarters, and nobody leaves whom we wanted to keep",
  upside: "a cost base that the present income can carry",
  waiting: "cash runs down and the same step comes later and larger",
  figure: "the saving in the first year after severance and the work that is lost",
  doubt: "the same sum could be saved without ending a single contract",
  duty: "notice periods, severance, consultation of the staff and the terms of the lease",
  downside: "the best people leave first and customers hear of it from others",
  people: "The whole management, one person from HR and employment counsel, for a quarter",
  pilotPeople: "One member of the management and one person from HR, two days a week for a quarter",
  goTasks: [
    "Have employment counsel confirm notice, severance and consultation duties in writing",
    "Work out the saving after all one-off costs, month by month",
    "Decide who tells whom, on which day, in person",
    "Plan who takes over the work and the customers",
    "Talk to everyone who stays within the first week",
  ],
  pilotTasks: [
    "Stop open hiring and list the spending that can wait",
    "Ask for volunteers for fewer hours or an agreed leave",
    "Have employment counsel say what the full step would take",
    "Count after 90 days what is still missing, and decide",
  ],
  holdTasks: [
    "Fix the cash figure that would force the step",
    "Tell the management what was decided, and until when it holds",
  ],
};
