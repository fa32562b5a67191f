/**
 * Who people are and what they may do. Facts come from Slack and are kept for seconds; anything that cannot be
 * established is a refusal. Conforms to `People` of the workflows. Knows no cards and posts nothing.
 */
import type { ActRefusal } from "../domain/approval.ts";
import type { Person, SelfApproval } from "../domain/decision.ts";
import type { StillMay } from "../domain/voters.ts";
import { AppError, isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { RIGHTS, type Right, refusalOf } from "./cards/notes.ts";
import { createDeciders, permission, type Rated } from "./deciders.ts";
import { createLookups, type LookupReads, NO_ANSWER } from "./lookups.ts";
import type { Identity, Reads } from "./outbound-reads.ts";
import type { RightsBook } from "./rights-ports.ts";

export type Role = keyof typeof RIGHTS;

/** `reason` is a sentence for the person, inert mrkdwn; `right` is the one that they lack. */
export type Permission =
  | { ok: true; person: Person }
  | { ok: false; refusal: ActRefusal; right?: Right; reason: string };

export interface Directory {
  identity(): Promise<Identity>;
  /**
   * May this person decide, operate the bot, or read what both may? `fresh` asks Slack again, whatever is remembered. With a
   * `decisionId` the answer is about that decision; whoever decides as a deputy is named with the principal.
   */
  may(
    role: Role,
    slackId: string,
    how?: { fresh?: boolean; decisionId?: string | undefined },
  ): Promise<Permission>;
  /** Those of these decisions that this person may decide. */
  decidable(slackId: string, decisionIds: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Who may decide this one, deputies last: user ids and group ids. Without those who were asked too, and without these and
   * their deputies.
   */
  idsFor(decision: Rated, without?: ReadonlySet<string>): Promise<string[]>;
  /** A full member of our workspace: may add to the inbox and see what is open. */
  memberOf(slackId: string): Promise<Permission>;
  /** Conform to `People` of the workflows. */
  mayDecide(
    person: Person,
    decisionId?: string,
  ): Promise<{ ok: true; person: Person } | { ok: false; reason: string; refusal: string }>;
  stillMay(by: Person, decisionId: string): Promise<StillMay>;
  slackPersonOf(notionUserId: string): Promise<Person | null>;
  /** null when Slack does not know the address, or does not tell us. */
  personByEmail(email: string): Promise<Person | null>;
}

export interface DirectoryOptions {
  reads: LookupReads & Pick<Reads, "personByEmail">;
  /** User ids (U…, W…) and user-group ids (S…). `decideHigh` empty = those who decide. */
  allowed: Record<"decide" | "operate", readonly string[]> & { decideHigh?: readonly string[] };
  /** Without it there are neither deputies nor a difference between decisions. */
  rights?: RightsBook | undefined;
  /** "warn" where it is not said. */
  selfApproval?: SelfApproval | undefined;
  notionUser: (notionUserId: string) => Promise<{ name: string; email: string | null } | null>;
  now: () => Date;
  log: Log;
}

export function createDirectory(options: DirectoryOptions): Directory {
  const { reads, notionUser, now, log } = options;
  const lookups = createLookups(reads, now);
  const deciders = createDeciders({ ...options, lookups });

  const may: Directory["may"] = async (role, slackId, { fresh = false, decisionId } = {}) => {
    if (role === "decide") return deciders.mayDecide(slackId, { fresh, decisionId });
    const { decide, operate, decideHigh = [] } = options.allowed;
    const list = role === "operate" ? operate : [...new Set([...decide, ...decideHigh, ...operate])];
    return permission(await lookups.judge(slackId, list, fresh), { right: RIGHTS[role], list });
  };

  return {
    identity: lookups.identity,
    may,
    decidable: deciders.decidable,
    idsFor: deciders.idsFor,
    memberOf: async (slackId) =>
      permission(await lookups.judge(slackId, null), { right: MEMBER_RIGHT, list: [] }),
    async mayDecide(person, decisionId) {
      if (person.slackId === null) {
        return {
          ok: false,
          reason: refusalOf(person.name, { kind: "unknown-person" }, RIGHTS.decide),
          refusal: "unknown-person",
        };
      }
      const answer = await may("decide", person.slackId, { decisionId });
      if (answer.ok) return answer;
      const { refusal, right = RIGHTS.decide } = answer;
      // Who decided in Notion has gone: somebody has to ask again, and that is whoever asks here.
      if (refusal.kind === "lookup-failed" && refusal.why === NO_ANSWER)
        throw new AppError("Slack did not say whether they may decide", {
          code: "slack_unavailable",
          retryable: true,
        });
      return { ok: false, reason: refusalOf(person.name, refusal, right), refusal: refusal.kind };
    },
    stillMay: deciders.stillMay,
    async slackPersonOf(notionUserId) {
      const user = await notionUser(notionUserId);
      return user?.email ? personByEmail(reads, user.email, log) : null;
    },
    personByEmail: (email) => personByEmail(reads, email, log),
  };
}

async function personByEmail(
  reads: Pick<Reads, "personByEmail">,
  email: string,
  log: Log,
): Promise<Person | null> {
  try {
    const found = await reads.personByEmail(email);
    return found === null ? null : { slackId: found.id, name: found.name };
  } catch (error) {
    if (!isAppError(error) || error.retryable) throw error;
    // Without users:read.email nobody can be matched; a decision in Notion is then refused, which is the safe side.
    log.warn({ code: error.code }, "cannot match e-mail addresses to Slack: add the scope users:read.email");
    return null;
  }
}

const MEMBER_RIGHT: Right = { deed: "use this", holders: "Members", setting: "SLACK_APPROVERS" };
