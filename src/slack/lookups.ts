/** Who and what Slack says somebody is, kept for seconds. A question that was not answered is an answer of its own. */
import {
  type AllowList,
  type GroupLookup,
  isGroupId,
  isMember,
  type MayAct,
  mayAct,
  type PersonFacts,
  type PersonLookup,
} from "../domain/approval.ts";
import { isAppError } from "../errors.ts";
import type { Identity, Reads } from "./outbound-reads.ts";

/** How long a right outlives its end. Slack answers 20 questions a minute about groups; many clicks share one. */
const KEEP_MS = 10_000;
/** Asking again may help. */
export const NO_ANSWER = "Slack did not answer me";

export interface Lookups {
  identity(): Promise<Identity>;
  /** Whether this person is on the list, or, without one, a full member. `fresh` asks Slack again. */
  judge(slackId: string, list: readonly string[] | null, fresh?: boolean): Promise<MayAct>;
  group(id: string): Promise<GroupLookup>;
}

export type LookupReads = Pick<Reads, "identity" | "person" | "groupMembers">;

export function createLookups(reads: LookupReads, now: () => Date): Lookups {
  const identities = remember<Identity>(now, Number.POSITIVE_INFINITY);
  const people = remember<PersonFacts | null>(now, KEEP_MS);
  const groups = remember<GroupLookup>(now, KEEP_MS);

  const identity = () => identities("self", reads.identity);
  const person = (slackId: string, fresh: boolean): Promise<PersonLookup> =>
    lookUpPerson(() => people(slackId, () => reads.person(slackId), fresh));
  const group = (id: string, fresh = false): Promise<GroupLookup> =>
    lookUpGroup(() => groups(id, () => reads.groupMembers(id), fresh));

  async function allowList(
    list: readonly string[],
    { slackId, fresh }: { slackId: string; fresh: boolean },
  ): Promise<AllowList> {
    const users = list.filter((id) => !isGroupId(id));
    const groupIds = list.filter(isGroupId);
    // Nobody needs to ask Slack about groups for a person who is listed by name.
    if (users.includes(slackId)) return { users, groups: [] };
    const lookups = groupIds.map(async (id) => ({ id, lookup: await group(id, fresh) }));
    return { users, groups: await Promise.all(lookups) };
  }

  return {
    identity,
    group: (id) => group(id),
    async judge(slackId, list, fresh = false) {
      const [lookup, team] = await Promise.all([person(slackId, fresh), lookUpTeam(identity)]);
      if (team.kind === "failed") return { ok: false, refusal: { kind: "lookup-failed", why: team.why } };
      if (list === null) return isMember(lookup, team.teamId);
      return mayAct({ lookup, teamId: team.teamId, allowed: await allowList(list, { slackId, fresh }) });
    },
  };
}

async function lookUpPerson(ask: () => Promise<PersonFacts | null>): Promise<PersonLookup> {
  try {
    const person = await ask();
    return person === null ? { kind: "unknown" } : { kind: "found", person };
  } catch (error) {
    return { kind: "failed", why: whyFailed(error) };
  }
}

async function lookUpGroup(ask: () => Promise<GroupLookup>): Promise<GroupLookup> {
  try {
    return await ask();
  } catch (error) {
    return { kind: "failed", why: whyFailed(error) };
  }
}

async function lookUpTeam(
  ask: () => Promise<Identity>,
): Promise<{ kind: "found"; teamId: string } | { kind: "failed"; why: string }> {
  try {
    return { kind: "found", teamId: (await ask()).teamId };
  } catch (error) {
    return { kind: "failed", why: whyFailed(error) };
  }
}

/** Only Slack's own failures are an answer here; a bug must surface as one. */
function whyFailed(error: unknown): string {
  if (!isAppError(error)) throw error;
  return error.code === "slack_unauthorized" ? "I lack a Slack permission (`users:read`)" : NO_ANSWER;
}

/** Keeps answers for a while and asks once for many who want to know at the same time. Failures are not kept. */
function remember<T>(
  now: () => Date,
  keepMs: number,
): (key: string, ask: () => Promise<T>, fresh?: boolean) => Promise<T> {
  const kept = new Map<string, { until: number; answer: Promise<T> }>();
  return (key, ask, fresh = false) => {
    const time = now().getTime();
    const known = kept.get(key);
    if (!fresh && known && known.until > time) return known.answer;
    if (kept.size > 5_000) kept.clear();
    const answer = ask();
    const entry = { until: time + keepMs, answer };
    kept.set(key, entry);
    answer.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return answer;
  };
}
