/** Who may decide what: the lists of the settings, those who were asked too, and the deputies of both. Fails closed. */
import { type ActRefusal, decidersOf, isGroupId, type MayAct, type PersonFacts } from "../domain/approval.ts";
import type { DecisionRecord, Person } from "../domain/decision.ts";
import { type Deputyship, principalsOf, type VoteSoFar } from "../domain/deputy.ts";
import type { StillMay } from "../domain/voters.ts";
import { HIGH_RIGHT, lostSentence, RIGHTS, type Right, refusalSentence } from "./cards/notes.ts";
import type { DirectoryOptions, Permission } from "./directory.ts";
import { type Lookups, NO_ANSWER } from "./lookups.ts";
import type { DecisionFacts } from "./rights-ports.ts";

type DeciderOptions = Pick<DirectoryOptions, "allowed" | "rights" | "selfApproval"> & { lookups: Lookups };

/** As much of a decision as says who may decide it. */
export type Rated = { analysis: { triage: Pick<DecisionRecord["analysis"]["triage"], "impact"> } };

interface Scope {
  list: readonly string[];
  right: Right;
  soFar: VoteSoFar;
}

export function createDeciders(options: DeciderOptions) {
  const { allowed, rights, selfApproval = "warn" } = options;
  const lists = { approvers: allowed.decide, approversHigh: allowed.decideHigh ?? [] };
  const deputyships = async () => (await rights?.deputyships()) ?? [];

  const scopeOf = (facts: DecisionFacts | undefined): Scope => {
    const { list, isNarrow } = decidersOf(facts ?? null, lists);
    const { requestedBy = null, voters = [] } = facts ?? {};
    const soFar = { requestedBy, voters, selfApproval };
    return { list, right: isNarrow ? HIGH_RIGHT : RIGHTS.decide, soFar };
  };
  const scopeFor = async (slackId: string, decisionId: string | undefined): Promise<Scope> => {
    // Most people are on the list by name: for them nothing else needs to be read.
    const isPlain = lists.approversHigh.length === 0 && lists.approvers.includes(slackId);
    if (isPlain || decisionId === undefined) return scopeOf(undefined);
    return scopeOf((await rights?.facts([decisionId]))?.get(decisionId));
  };

  return {
    async mayDecide(
      slackId: string,
      { fresh, decisionId }: { fresh: boolean; decisionId: string | undefined },
    ): Promise<Permission> {
      const scope = await scopeFor(slackId, decisionId);
      return judge(options.lookups, { slackId, scope, fresh, deputyships });
    },
    async stillMay(by: Person, decisionId: string): Promise<StillMay> {
      const { slackId, name, for: principal } = by;
      if (slackId === null) return gone(name, { kind: "unknown-person" }, RIGHTS.decide);
      const holder = principal ?? { slackId, name };
      const { list, right } = await scopeFor(holder.slackId, decisionId);
      if (principal !== undefined) {
        if (!(await deputyships()).some(isLentTo(slackId, principal.slackId)))
          return { kind: "lost", why: `${name} is no longer the deputy of ${principal.name}.` };
        const self = await options.lookups.judge(slackId, null);
        if (!self.ok) return gone(name, self.refusal, RIGHTS.decide);
      }
      const own = await options.lookups.judge(holder.slackId, list);
      return own.ok ? { kind: "may" } : gone(holder.name, own.refusal, right);
    },
    async decidable(slackId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
      const [facts, inForce] = await Promise.all([rights?.facts(ids), deputyships()]);
      const answers = await Promise.all(
        ids.map((id) =>
          judge(options.lookups, {
            ...{ slackId, scope: scopeOf(facts?.get(id)), fresh: false },
            deputyships: async () => inForce,
          }),
        ),
      );
      return new Set(ids.filter((_, index) => answers[index]?.ok));
    },
    async idsFor({ analysis }: Rated, without: ReadonlySet<string> = new Set()): Promise<string[]> {
      const { list } = decidersOf({ impact: analysis.triage.impact, escalatedTo: [] }, lists);
      const lent = await Promise.all(
        (await deputyships()).map(async ({ principal, deputy }) =>
          !without.has(principal.slackId) && (await isAmong(options.lookups, list, principal.slackId))
            ? [deputy.slackId]
            : [],
        ),
      );
      return [...new Set([...list, ...lent.flat()])].filter((id) => !without.has(id));
    },
  };
}

interface Question {
  slackId: string;
  scope: Scope;
  fresh: boolean;
  deputyships: () => Promise<readonly Deputyship[]>;
}

async function judge(lookups: Lookups, question: Question): Promise<Permission> {
  const { slackId, scope, fresh } = question;
  const own = await lookups.judge(slackId, scope.list, fresh);
  if (own.ok || !LENDABLE.has(own.refusal.kind)) return permission(own, scope);
  return (await asDeputy(lookups, question)) ?? permission(own, scope);
}

/** null when this person is nobody's deputy who may decide this. */
async function asDeputy(lookups: Lookups, question: Question): Promise<Permission | null> {
  const { slackId, scope, fresh } = question;
  const principals = principalsOf(await question.deputyships(), slackId, scope.soFar);
  if (principals.length === 0) return null;
  const self = await lookups.judge(slackId, null, fresh);
  if (!self.ok) return null;
  let unsure: Permission | null = null;
  for (const { person: principal, isOfUse } of principals) {
    // Asking again may find one for whom it would count.
    if (!isOfUse && unsure !== null) return unsure;
    // The principal's own right: one that was lent to them cannot be lent again.
    const theirs = await lookups.judge(principal.slackId, scope.list, fresh);
    if (theirs.ok) return acting(self.person, theirs.person);
    if (theirs.refusal.kind === "lookup-failed") unsure = permission(theirs, scope);
  }
  return unsure;
}

function isLentTo(deputyId: string, principalId: string) {
  return ({ deputy, principal }: Deputyship) =>
    deputy.slackId === deputyId && principal.slackId === principalId;
}

/** A right that is gone, or of which nobody could tell whether it is. */
function gone(name: string, refusal: ActRefusal, right: Right): StillMay {
  if (refusal.kind !== "lookup-failed" && refusal.kind !== "group-unusable")
    return { kind: "lost", why: lostSentence(name, refusal, right) };
  return { kind: "unsure", why: refusal.why, isPassing: refusal.why === NO_ANSWER };
}

function acting(self: PersonFacts, principal: PersonFacts): Permission {
  const lent = { slackId: principal.id, name: principal.name };
  const person: Person = { slackId: self.id, name: self.name, for: lent };
  return { ok: true, person };
}

/** Whether this person is on the list, by name or through a group. */
async function isAmong(lookups: Lookups, list: readonly string[], slackId: string): Promise<boolean> {
  if (list.includes(slackId)) return true;
  const groups = await Promise.all(list.filter(isGroupId).map((id) => lookups.group(id)));
  return groups.some((group) => group.kind === "found" && group.members.includes(slackId));
}

/** Refusals that say something about the list, not about the person. */
const OF_THE_LIST: ReadonlySet<ActRefusal["kind"]> = new Set(["nobody-set", "not-listed", "group-unusable"]);

/** What a lent right can make up for: not being listed oneself, or its not being known. */
const LENDABLE: ReadonlySet<ActRefusal["kind"]> = new Set(["not-listed", "lookup-failed", "group-unusable"]);

export function permission(result: MayAct, { right, list }: Pick<Scope, "right" | "list">): Permission {
  if (result.ok) return { ok: true, person: { slackId: result.person.id, name: result.person.name } };
  const { refusal } = result;
  // Of a guest or an app it would be misleading: they decide nothing else either.
  const lacking = right === HIGH_RIGHT && !OF_THE_LIST.has(refusal.kind) ? RIGHTS.decide : right;
  const reason = refusalSentence(refusal, { right: lacking, allowed: list });
  return { ok: false, refusal, right: lacking, reason };
}
