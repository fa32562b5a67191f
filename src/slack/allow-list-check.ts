/**
 * Whether somebody can really decide or operate: each id of a list must be a person of this workspace, or a user group
 * with such a person in it. An id that does not exist lets nobody in, and nobody notices until a card waits.
 */
import { isGroupId, isMember, type PersonLookup } from "../domain/approval.ts";
import { toFailure } from "../errors.ts";
import type { Finding } from "./check.ts";
import type { Reads } from "./outbound-reads.ts";

export interface AllowListCheck {
  reads: Pick<Reads, "identity" | "person" | "groupMembers">;
  ids: readonly string[];
  /** Named in the fix. */
  setting: string;
  /** What nobody can do when the list holds nobody, e.g. "decide". */
  deed: string;
  /** How many people there have to be, and why; absent = one. */
  needed?: { people: number; why: string } | undefined;
}

/** `people`: those who can really do it, as far as they were counted. */
type Entry =
  | { kind: "good"; people: string[] }
  | { kind: "bad"; why: string }
  | { kind: "not-asked"; why: string };

/** Members of a group looked at before it counts as one without a usable person. */
const MEMBERS_LOOKED_AT = 20;
const SHOWN = 5;

export async function checkAllowList(check: AllowListCheck): Promise<Finding> {
  const { ids, setting, deed } = check;
  if (ids.length === 0) return { status: "down", detail: `Nobody can ${deed}: ${setting} is empty.` };
  const team = await teamOf(check.reads);
  if (team.kind === "not-asked") return { status: "unknown", detail: team.why };
  const place = { reads: check.reads, teamId: team.id, enough: check.needed?.people ?? 1 };
  const entries = await Promise.all(ids.map((id) => lookAt(place, id)));
  const bad = entries.flatMap((entry) => (entry.kind === "bad" ? [entry.why] : []));
  const unasked = entries.flatMap((entry) => (entry.kind === "not-asked" ? [entry.why] : []));
  const words = list([...bad, ...unasked]);
  if (entries.some((entry) => entry.kind === "good")) {
    if (bad.length > 0) return { status: "degraded", detail: `${words}. Correct ${setting}.` };
    if (unasked.length > 0) return { status: "unknown", detail: `${words}.` };
    const few = tooFew(check, entries);
    if (few !== null) return few;
    const count = ids.length === 1 ? "1 entry" : `${ids.length} entries`;
    return { status: "ok", detail: `${count} in ${setting}, all usable.` };
  }
  if (unasked.length > 0) return { status: "unknown", detail: `${words}.` };
  return { status: "down", detail: `Nobody can ${deed}: ${words}. Correct ${setting}.` };
}

/** All of them are usable, and yet they are not enough. */
function tooFew({ needed, deed, setting }: AllowListCheck, entries: readonly Entry[]): Finding | null {
  const people = new Set(entries.flatMap((entry) => (entry.kind === "good" ? entry.people : [])));
  if (needed === undefined || people.size >= needed.people) return null;
  const who = people.size === 1 ? "Only one person" : `Only ${people.size} people`;
  return {
    status: "degraded",
    detail: `${who} can ${deed}, and ${needed.why}. Add somebody to ${setting}.`,
  };
}

function list(words: string[]): string {
  const hidden = words.length - SHOWN;
  return [...words.slice(0, SHOWN), ...(hidden > 0 ? [`${hidden} more`] : [])].join("; ");
}

async function teamOf(
  reads: AllowListCheck["reads"],
): Promise<{ kind: "known"; id: string } | { kind: "not-asked"; why: string }> {
  try {
    return { kind: "known", id: (await reads.identity()).teamId };
  } catch (error) {
    return { kind: "not-asked", why: `Slack could not be asked (${toFailure(error).message}).` };
  }
}

interface Place {
  reads: AllowListCheck["reads"];
  teamId: string;
  /** People of a group after whom nobody else is looked at. */
  enough: number;
}

async function lookAt(place: Place, id: string): Promise<Entry> {
  try {
    return isGroupId(id) ? await lookAtGroup(place, id) : await lookAtPerson(place, id);
  } catch (error) {
    return { kind: "not-asked", why: `${id} could not be looked up (${toFailure(error).message})` };
  }
}

async function lookAtPerson({ reads, teamId }: Place, id: string): Promise<Entry> {
  const person = await reads.person(id);
  const lookup: PersonLookup = person === null ? { kind: "unknown" } : { kind: "found", person };
  const member = isMember(lookup, teamId);
  if (member.ok) return { kind: "good", people: [member.person.id] };
  return { kind: "bad", why: `${id} ${WHY[member.refusal.kind] ?? "cannot be used"}` };
}

const WHY: Record<string, string> = {
  "unknown-person": "does not exist in this workspace",
  deleted: "has left",
  bot: "is a bot",
  guest: "is a guest",
  "other-team": "belongs to another workspace",
};

async function lookAtGroup(place: Place, id: string): Promise<Entry> {
  const group = await place.reads.groupMembers(id);
  if (group.kind !== "found") return { kind: "bad", why: `${id}: ${group.why}` };
  if (group.members.length === 0) return { kind: "bad", why: `the group ${id} has no members` };
  const people: string[] = [];
  for (const member of group.members.slice(0, MEMBERS_LOOKED_AT)) {
    const found = await lookAtPerson(place, member);
    if (found.kind === "good") people.push(...found.people);
    if (people.length >= place.enough) break;
  }
  if (people.length > 0) return { kind: "good", people };
  if (group.members.length > MEMBERS_LOOKED_AT) {
    return {
      kind: "not-asked",
      why: `none of the first ${MEMBERS_LOOKED_AT} in the group ${id} can be used`,
    };
  }
  return { kind: "bad", why: `nobody in the group ${id} is a full member of this workspace` };
}
