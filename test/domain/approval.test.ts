import fc from "fast-check";
import { expect, test } from "vitest";
import { type AllowList, mayAct, type PersonFacts, type PersonLookup } from "../../src/domain/approval.ts";

const teamId = "T1";
const dana: PersonFacts = { id: "U1", name: "Dana", teamId, isBot: false, isGuest: false, isDeleted: false };
const found = (change: Partial<PersonFacts> = {}): PersonLookup => ({
  kind: "found",
  person: { ...dana, ...change },
});
const listed: AllowList = { users: ["U1"], groups: [] };
const group = (members: string[]): AllowList => ({
  users: [],
  groups: [{ id: "S1", lookup: { kind: "found", members } }],
});

const kindOf = (lookup: PersonLookup, allowed: AllowList) => {
  const answer = mayAct({ lookup, teamId, allowed });
  return answer.ok ? "ok" : answer.refusal.kind;
};

test("a listed member may act", () => {
  expect(kindOf(found(), listed)).toBe("ok");
});

test("a member of a listed group may act", () => {
  expect(kindOf(found(), group(["U9", "U1"]))).toBe("ok");
});

test("a member who is on no list may not", () => {
  expect(kindOf(found(), { users: ["U2"], groups: group(["U3"]).groups })).toBe("not-listed");
});

test("an empty list lets nobody through", () => {
  expect(kindOf(found(), { users: [], groups: [] })).toBe("nobody-set");
});

test.each([
  ["bot", found({ isBot: true })],
  ["guest", found({ isGuest: true })],
  ["deleted", found({ isDeleted: true })],
  ["other-team", found({ teamId: "T2" })],
  ["other-team", found({ teamId: "" })],
  ["unknown-person", { kind: "unknown" }],
  ["lookup-failed", { kind: "failed", why: "Slack did not answer" }],
] as [string, PersonLookup][])("is refused as %s even when listed", (kind, lookup) => {
  expect(kindOf(lookup, listed)).toBe(kind);
});

test("two unknown teams are not the same team", () => {
  expect(mayAct({ lookup: found({ teamId: "" }), teamId: "", allowed: listed }).ok).toBe(false);
});

test("a group that could not be asked is a refusal, not a pass", () => {
  const failed: AllowList = {
    users: [],
    groups: [{ id: "S1", lookup: { kind: "failed", why: "no answer" } }],
  };
  const unusable: AllowList = {
    users: [],
    groups: [{ id: "S1", lookup: { kind: "unusable", why: "plan" } }],
  };
  expect(kindOf(found(), failed)).toBe("lookup-failed");
  expect(kindOf(found(), unusable)).toBe("group-unusable");
});

test("one group that failed does not lock out members of another", () => {
  const both: AllowList = {
    users: [],
    groups: [{ id: "S0", lookup: { kind: "failed", why: "no answer" } }, ...group(["U1"]).groups],
  };
  expect(kindOf(found(), both)).toBe("ok");
});

test("whoever may act is a full member of our team and on a list", () => {
  const person = fc.record({
    id: fc.constantFrom("U1", "U2"),
    name: fc.string(),
    teamId: fc.constantFrom("T1", "T2", ""),
    isBot: fc.boolean(),
    isGuest: fc.boolean(),
    isDeleted: fc.boolean(),
  });
  const users = fc.subarray(["U1", "U2", "U3"]);
  fc.assert(
    fc.property(person, users, users, (facts, direct, members) => {
      const allowed: AllowList = { users: direct, groups: group(members).groups };
      if (!mayAct({ lookup: { kind: "found", person: facts }, teamId, allowed }).ok) return;
      expect([...direct, ...members]).toContain(facts.id);
      expect(facts).toMatchObject({ teamId: "T1", isBot: false, isGuest: false, isDeleted: false });
    }),
  );
});
