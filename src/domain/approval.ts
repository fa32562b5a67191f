/** Who may act: a pure rule over facts that were looked up elsewhere. Everything uncertain is a refusal. */
import { HIGH_IMPACT } from "./decision.ts";

export interface PersonFacts {
  id: string;
  name: string;
  teamId: string;
  isBot: boolean;
  isGuest: boolean;
  isDeleted: boolean;
}

/** `failed` = nobody could be asked; `unknown` = asked, and there is no such person. */
export type PersonLookup =
  | { kind: "found"; person: PersonFacts }
  | { kind: "unknown" }
  | { kind: "failed"; why: string };

export type GroupLookup =
  | { kind: "found"; members: readonly string[] }
  /** Asking again cannot help until somebody changes the set-up. */
  | { kind: "unusable"; why: string }
  | { kind: "failed"; why: string };

/** People named one by one, and groups with their members as last seen. */
export interface AllowList {
  users: readonly string[];
  groups: readonly { id: string; lookup: GroupLookup }[];
}

export type ActRefusal =
  | { kind: "nobody-set" }
  | { kind: "unknown-person" }
  | { kind: "bot" }
  | { kind: "deleted" }
  | { kind: "other-team" }
  | { kind: "guest" }
  | { kind: "lookup-failed"; why: string }
  | { kind: "group-unusable"; why: string }
  | { kind: "not-listed" };

export type MayAct = { ok: true; person: PersonFacts } | { ok: false; refusal: ActRefusal };

/** Slack's ids of user groups; those of people begin with U or W. */
export function isGroupId(id: string): boolean {
  return /^S[A-Z0-9]+$/.test(id);
}

/** A full member of our own workspace, whatever they are allowed to decide. */
export function isMember(lookup: PersonLookup, teamId: string): MayAct {
  if (lookup.kind === "failed") return refused({ kind: "lookup-failed", why: lookup.why });
  if (lookup.kind === "unknown") return refused({ kind: "unknown-person" });
  const { person } = lookup;
  if (person.isDeleted) return refused({ kind: "deleted" });
  if (person.isBot) return refused({ kind: "bot" });
  if (person.teamId === "" || person.teamId !== teamId) return refused({ kind: "other-team" });
  if (person.isGuest) return refused({ kind: "guest" });
  return { ok: true, person };
}

/** User ids and group ids. */
export interface DeciderLists {
  approvers: readonly string[];
  /** Who alone decides what has a high impact; empty = the approvers. */
  approversHigh: readonly string[];
}

export interface AtStake {
  /** Of 10. */
  impact: number;
  /** Who was asked too, because nobody decided. */
  escalatedTo: readonly string[];
}

/** Who may decide this; `isNarrow` = only the few. Without a decision: everybody who may decide some. */
export function decidersOf(
  atStake: AtStake | null,
  { approvers, approversHigh }: DeciderLists,
): { list: readonly string[]; isNarrow: boolean } {
  if (atStake === null) return { list: distinct([...approvers, ...approversHigh]), isNarrow: false };
  const isNarrow = atStake.impact >= HIGH_IMPACT && approversHigh.length > 0;
  return { list: distinct([...(isNarrow ? approversHigh : approvers), ...atStake.escalatedTo]), isNarrow };
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

export interface MayActQuestion {
  lookup: PersonLookup;
  /** Id of the workspace the bot lives in. */
  teamId: string;
  allowed: AllowList;
}

export function mayAct({ lookup, teamId, allowed }: MayActQuestion): MayAct {
  if (allowed.users.length === 0 && allowed.groups.length === 0) return refused({ kind: "nobody-set" });
  const member = isMember(lookup, teamId);
  if (!member.ok) return member;
  const { id } = member.person;
  if (allowed.users.includes(id)) return member;
  const lookups = allowed.groups.map((group) => group.lookup);
  if (lookups.some((group) => group.kind === "found" && group.members.includes(id))) return member;
  const failed = lookups.find((group) => group.kind === "failed");
  if (failed?.kind === "failed") return refused({ kind: "lookup-failed", why: failed.why });
  const unusable = lookups.find((group) => group.kind === "unusable");
  if (unusable?.kind === "unusable") return refused({ kind: "group-unusable", why: unusable.why });
  return refused({ kind: "not-listed" });
}

function refused(refusal: ActRefusal): MayAct {
  return { ok: false, refusal };
}
