/**
 * Who people are and what they may do. Facts come from Slack and are kept for seconds; anything that cannot be
 * established is a refusal. Conforms to `People` of the workflows. Knows no cards and posts nothing.
 */
import {
  type ActRefusal,
  type AllowList,
  type GroupLookup,
  isGroupId,
  isMember,
  type MayAct,
  mayAct,
  type PersonFacts,
  type PersonLookup,
} from "../domain/approval.ts";
import type { Person } from "../domain/decision.ts";
import { isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { RIGHTS, type Right, refusalSentence } from "./cards/notes.ts";
import type { Identity, Reads } from "./outbound-reads.ts";

/** How long a right outlives its end. Slack answers 20 questions a minute about groups; many clicks share one. */
const KEEP_MS = 10_000;

export type Role = keyof typeof RIGHTS;

/** `reason` is a sentence for the person, inert mrkdwn. */
export type Permission = { ok: true; person: Person } | { ok: false; refusal: ActRefusal; reason: string };

export interface Directory {
  identity(): Promise<Identity>;
  /**
   * May this person decide, operate the bot, or read what both may? `fresh` asks Slack again, whatever is remembered. `decisionId` lets in
   * whoever was asked to decide this one beyond the approvers.
   */
  may(
    role: Role,
    slackId: string,
    how?: { fresh?: boolean; decisionId?: string | undefined },
  ): Promise<Permission>;
  /** A full member of our workspace: may add to the inbox and see what is open. */
  memberOf(slackId: string): Promise<Permission>;
  /** Conform to `People` of the workflows. */
  mayDecide(person: Person, decisionId?: string): Promise<{ ok: true } | { ok: false; reason: string }>;
  slackPersonOf(notionUserId: string): Promise<Person | null>;
  /** null when Slack does not know the address, or does not tell us. */
  personByEmail(email: string): Promise<Person | null>;
}

export interface DirectoryOptions {
  reads: Pick<Reads, "identity" | "person" | "personByEmail" | "groupMembers">;
  /** User ids (U…, W…) and user-group ids (S…). */
  allowed: Record<"decide" | "operate", readonly string[]>;
  /** Who may decide this one beside those; a failure lets nobody in. */
  escalatedTo?: (decisionId: string) => Promise<readonly string[]>;
  notionUser: (notionUserId: string) => Promise<{ name: string; email: string | null } | null>;
  now: () => Date;
  log: Log;
}

export function createDirectory(options: DirectoryOptions): Directory {
  const { reads, allowed, notionUser, now, log } = options;
  const identities = remember<Identity>(now, Number.POSITIVE_INFINITY);
  const people = remember<PersonFacts | null>(now, KEEP_MS);
  const groups = remember<GroupLookup>(now, KEEP_MS);

  const identity = () => identities("self", reads.identity);
  const lookUp = (slackId: string, fresh: boolean): Promise<PersonLookup> =>
    lookUpPerson(() => people(slackId, () => reads.person(slackId), fresh));

  async function idsFor(role: Role, slackId: string, decisionId: string | undefined) {
    if (role === "review") return [...new Set([...allowed.decide, ...allowed.operate])];
    const listed = allowed[role];
    // Most people are on the list by name: for them nothing else needs to be read.
    if (role !== "decide" || decisionId === undefined || listed.includes(slackId)) return listed;
    return [...listed, ...((await options.escalatedTo?.(decisionId)) ?? [])];
  }

  async function allowList(
    list: readonly string[],
    { slackId, fresh }: { slackId: string; fresh: boolean },
  ): Promise<AllowList> {
    const users = list.filter((id) => !isGroupId(id));
    const groupIds = list.filter(isGroupId);
    // Nobody needs to ask Slack about groups for a person who is listed by name.
    if (users.includes(slackId)) return { users, groups: [] };
    const lookups = groupIds.map(async (id) => ({
      id,
      lookup: await lookUpGroup(() => groups(id, () => reads.groupMembers(id), fresh)),
    }));
    return { users, groups: await Promise.all(lookups) };
  }

  function permission(result: MayAct, right: Right, list: readonly string[]): Permission {
    if (result.ok) return { ok: true, person: { slackId: result.person.id, name: result.person.name } };
    const { refusal } = result;
    return { ok: false, refusal, reason: refusalSentence(refusal, { right, allowed: list }) };
  }

  /** `list` null = every member. */
  async function judge(slackId: string, list: readonly string[] | null, fresh = false): Promise<MayAct> {
    const [lookup, team] = await Promise.all([lookUp(slackId, fresh), lookUpTeam(identity)]);
    if (team.kind === "failed") return { ok: false, refusal: { kind: "lookup-failed", why: team.why } };
    if (list === null) return isMember(lookup, team.teamId);
    return mayAct({ lookup, teamId: team.teamId, allowed: await allowList(list, { slackId, fresh }) });
  }

  const personByEmail = async (email: string): Promise<Person | null> => {
    try {
      const found = await reads.personByEmail(email);
      return found === null ? null : { slackId: found.id, name: found.name };
    } catch (error) {
      if (!isAppError(error) || error.retryable) throw error;
      // Without users:read.email nobody can be matched; a decision in Notion is then refused, which is the safe side.
      log.warn(
        { code: error.code },
        "cannot match e-mail addresses to Slack: add the scope users:read.email",
      );
      return null;
    }
  };
  const may: Directory["may"] = async (role, slackId, how) => {
    const list = await idsFor(role, slackId, how?.decisionId);
    return permission(await judge(slackId, list, how?.fresh), RIGHTS[role], list);
  };

  return {
    identity,
    may,
    memberOf: async (slackId) => permission(await judge(slackId, null), MEMBER_RIGHT, []),
    async mayDecide(person, decisionId) {
      if (person.slackId === null) {
        return {
          ok: false,
          reason: `${person.name} is not known in Slack, so I cannot tell whether they may decide.`,
        };
      }
      const answer = await may("decide", person.slackId, { decisionId });
      return answer.ok ? { ok: true } : { ok: false, reason: answer.reason };
    },
    async slackPersonOf(notionUserId) {
      const user = await notionUser(notionUserId);
      return user?.email ? personByEmail(user.email) : null;
    },
    personByEmail,
  };
}

const MEMBER_RIGHT: Right = { deed: "use this", holders: "Members", setting: "SLACK_APPROVERS" };

const NO_ANSWER = "Slack did not answer me";

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
