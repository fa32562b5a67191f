/**
 * Deputies: somebody who may decide lends that right to another person until the end of a day. What counts is the last
 * order that somebody gave about their own deputy. Pure.
 */
import { addDays, calendarOf, daysBetween } from "./calendar.ts";
import type { Person, SelfApproval } from "./decision.ts";
import { isSameVoter } from "./voters.ts";

interface Named {
  slackId: string;
  name: string;
}

export interface Deputyship {
  /** Of the order that made it. */
  id: string;
  principal: Named;
  deputy: Named;
  /** YYYY-MM-DD, in the bot's time zone. */
  lastDay: string;
  /** When that day is over. ISO 8601, UTC. */
  endsAt: string;
}

/** What somebody ordered about their own deputy; `appointment` null = none from now on. */
export interface DeputyOrder {
  /** Names the request: the same one counts once. */
  id: string;
  principal: Named;
  /** ISO 8601, UTC. */
  at: string;
  appointment: Pick<Deputyship, "deputy" | "lastDay" | "endsAt"> | null;
}

/**
 * The moment of an order that somebody gives now: after everything they ordered before, also by a clock that was ahead.
 * `last`: ISO 8601, of their last order.
 */
export function orderedAt(now: Date, last: string | null): string {
  const after = last === null ? 0 : Date.parse(last) + 1;
  return new Date(Math.max(now.getTime(), after)).toISOString();
}

export type DeputyProblem = "no-day" | "several-days" | "no-such-day" | "past" | "too-far";

/** What follows `/emm deputy`; who is meant is told by Slack's own mention. */
export type DeputyRequest =
  | { kind: "show" | "off" }
  | { kind: "name"; lastDay: string }
  | { kind: "problem"; problem: DeputyProblem };

/** Nobody is away longer without saying so again. */
export const DAYS_AT_MOST = 366;

/** `today`: YYYY-MM-DD in the bot's time zone. */
export function readDeputyRequest(typed: string, today: string): DeputyRequest {
  const text = typed.trim();
  if (text === "") return { kind: "show" };
  if (/^off[.!]?$/i.test(text)) return { kind: "off" };
  const days = text.match(/(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)/g) ?? [];
  const [lastDay, ...more] = days;
  if (lastDay === undefined) return { kind: "problem", problem: "no-day" };
  if (more.length > 0) return { kind: "problem", problem: "several-days" };
  if (!isDay(lastDay)) return { kind: "problem", problem: "no-such-day" };
  if (lastDay < today) return { kind: "problem", problem: "past" };
  if (daysBetween(today, lastDay) > DAYS_AT_MOST) return { kind: "problem", problem: "too-far" };
  return { kind: "name", lastDay };
}

/** 2026-02-30 looks like a day. */
function isDay(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

/** The midnight after that day, there. ISO 8601, UTC. */
export function endOfDay(date: string, timezone: string): string {
  return calendarOf(timezone)
    .momentOf({ date: addDays(date, 1), time: "00:00" })
    .toISOString();
}

/** What is known of a decision when somebody acts for another. */
export interface VoteSoFar {
  requestedBy: string | null;
  /** Whose approvals count already. */
  voters: readonly Person[];
  selfApproval: SelfApproval;
}

export interface Principal {
  person: Deputyship["principal"];
  /** False where nothing that is approved for them would count. */
  isOfUse: boolean;
}

/**
 * Whose deputy this person is, those first for whom an approval would count: they have no vote in it yet, and did not ask
 * for it where nobody may approve their own request. Of those, who asked comes first: where approving one's own is allowed,
 * nobody slips past as another's deputy.
 */
export function principalsOf(
  deputyships: readonly Deputyship[],
  slackId: string,
  { requestedBy, voters, selfApproval }: VoteSoFar,
): Principal[] {
  const isForbidden = ({ slackId: id }: Named) => selfApproval === "forbid" && id === requestedBy;
  const hasVoted = (person: Named) => voters.some((voter) => isSameVoter(voter, person));
  const rank = (person: Named) =>
    4 * Number(!isForbidden(person)) + 2 * Number(!hasVoted(person)) + Number(person.slackId === requestedBy);
  return deputyships
    .filter(({ deputy, principal }) => deputy.slackId === slackId && principal.slackId !== slackId)
    .map(({ principal }) => principal)
    .toSorted((a, b) => rank(b) - rank(a))
    .map((person) => ({ person, isOfUse: !isForbidden(person) && !hasVoted(person) }));
}
