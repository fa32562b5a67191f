/** `/emm deploys` and `/emm rollback` as people meet them: what is shown, who may, what has to be typed. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { messageProblems, viewProblems } from "../../src/slack/block-check.ts";
import { deploymentsMessage } from "../../src/slack/cards/deployments.ts";
import { rollbackCard, rollbackEndNote } from "../../src/slack/cards/rollback-card.ts";
import { rollbackStatusMessage } from "../../src/slack/cards/rollback-status.ts";
import { rollbackView } from "../../src/slack/cards/rollback-view.ts";
import { deployment, deploymentList, HASHES, LIVE, PREVIOUS, rollbackOf } from "../fixtures/deployments.ts";
import { createDeploymentDesk } from "./deployment-desk.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let office: SlackOffice;

beforeAll(async () => {
  office = await openOffice();
});

afterAll(() => office.close());

beforeEach(() => {
  const { answer, hosting, latest, orders } = createDeploymentDesk();
  Object.assign(office.books.deployments, { answer, hosting, latest, orders });
  office.books.audit.length = 0;
});

afterEach(async () => {
  for (const user of Object.values(people)) await office.slack.closeModal(user);
});

/** Everything this person was told in the channel by one command. */
async function answerTo(user: string, text: string): Promise<string> {
  const told = () => office.slack.messages(channels.leadership).filter((one) => one.visibleTo === user);
  const before = told().length;
  await office.slack.command({ user, channel: channels.leadership, command: "/emm", text });
  await office.settled(() => told().length > before);
  return told()
    .slice(before)
    .map((one) => `${one.text}\n${JSON.stringify(one.blocks)}`)
    .join("\n");
}

async function confirm(user: string, typed: string) {
  return office.slack.submit({
    user,
    viewId: office.viewIdOf(user),
    values: { rollback_name: { name: { type: "plain_text_input", value: typed } } },
  });
}

const errorsOf = (user: string) => office.slack.modals(user).at(-1)?.errors ?? {};

describe("/emm deploys", () => {
  it("lists commit, author, age, state, and what can be gone back to; the live one is marked", async () => {
    const answer = await answerTo(people.lee, "deploys");
    expect(answer).toMatch(/▶ .*aaaa111.*\*Live\* · Online · by dana/);
    expect(answer).toMatch(/bbbb111.*Replaced.*can roll back/);
    expect(answer).toMatch(/dddd111.*image no longer kept/);
    expect(answer).toMatch(/cccc111.*Failed.*cannot roll back/);
    expect(answer).toContain("https://github.com/acme/emm/commit/");
    expect(answer).toContain("https://railway.com/project/");
  });

  it("is for members: not for guests or strangers", async () => {
    expect(await answerTo(people.guest, "deploys")).toMatch(/Guests cannot/);
  });

  it("says why there is nothing to see, and the fix", async () => {
    office.books.deployments.answer = {
      ok: false,
      failure: {
        kind: "not-set-up",
        message: "RAILWAY_TOKEN is <not> set.",
        effect: "none",
        retryAfterMs: null,
      },
    };
    expect(await answerTo(people.lee, "deploys")).toContain("RAILWAY_TOKEN is &lt;not&gt; set.");
  });
});

describe("/emm rollback", () => {
  it("shows what is live, what it would go back to and until when, with a button", async () => {
    const answer = await answerTo(people.sam, "rollback");
    expect(answer).toMatch(/\*Live:\*.*aaaa111/);
    expect(answer).toMatch(/\*Would go back to:\*.*bbbb111.*Possible until <!date\^1795514460/);
    expect(answer).toContain("Hobby plan: 72 hours");
    expect(answer).toContain("rollback_confirm");
  });

  it("says that it is not known until when, where Railway does not tell the plan", async () => {
    office.books.deployments.hosting = null;
    expect(await answerTo(people.sam, "rollback status")).toMatch(
      /until when, Railway does not tell.*24 hours.*360/,
    );
  });

  it("offers nothing where it is not known what is live", async () => {
    office.books.deployments.answer = { ok: true, value: deploymentList({ activeIds: null }) };
    const answer = await answerTo(people.sam, "rollback");
    expect(answer).toMatch(/do not know what is live/);
    expect(answer).not.toContain("rollback_confirm");
    expect(await answerTo(people.sam, "rollback to bbbb111")).toMatch(/do not know what is live/);
  });

  it.each(["rollback", "rollback to bbbb111"])(
    "%s is for operators, and the refusal is in the audit",
    async (text) => {
      expect(await answerTo(people.lee, text)).toMatch(/You may not do this/);
      expect(office.slack.modals(people.lee)).toHaveLength(0);
      expect(office.books.audit).toMatchObject([
        { actor: people.lee, outcome: "refused", detail: "not-listed" },
      ]);
    },
  );

  it.each([
    ["rollback to aaaa111", /live already/],
    ["rollback to dddd111", /no longer kept/],
    ["rollback to cccc111", /failed when it was deployed/],
    ["rollback to zzzz", /None of the last twenty/],
    ["rollback to zzz", /None of the last twenty deployments is called `zzz`: give the first four or more/],
    ["rollback to b", /too short/],
    ["rollback bbbb111", /`\/emm rollback to <|rollback to &lt;commit/],
  ])("%s is refused with the reason", async (text, words) => {
    expect(await answerTo(people.sam, text)).toMatch(words);
    expect(office.slack.modals(people.sam)).toHaveLength(0);
  });

  it("names commit and consequences, and wants the commit typed", async () => {
    expect(await answerTo(people.sam, "rollback to bbbb111")).toMatch(/Nothing happens until you confirm/);
    expect(office.modalOf(people.sam)).toMatch(/Type bbbb111 to confirm/);
    expect(office.modalOf(people.sam)).toMatch(/all variables of that deployment, secrets included/);
    await confirm(people.sam, "bbbb112");
    expect(errorsOf(people.sam)).toEqual({ rollback_name: "To confirm, type bbbb111." });
    expect(office.books.deployments.orders).toEqual([]);
    await confirm(people.sam, " `BBBB111` ");
    expect(office.books.deployments.orders).toMatchObject([
      { target: { id: PREVIOUS.id }, from: { id: LIVE.id }, by: { slackId: people.sam } },
    ]);
    expect(office.modalOf(people.sam)).toMatch(/I follow it in/);
    expect(office.books.audit.at(-1)).toMatchObject({ action: "rollback.start", outcome: "done" });
  });

  it("opens the same form from the button of the status", async () => {
    await answerTo(people.sam, "rollback");
    const status = office.slack.messages(channels.leadership).filter((one) => one.visibleTo === people.sam);
    const message = status.at(-1);
    await office.slack.click({
      ...{
        user: people.sam,
        channel: channels.leadership,
        ts: message?.ts ?? "",
        actionId: "rollback_confirm",
      },
    });
    await office.settled(() => office.modalOf(people.sam).includes("Type bbbb111"));
  });

  it("does not start what moved on between form and confirmation", async () => {
    await answerTo(people.sam, "rollback to bbbb111");
    const newer = deployment({ id: "n", createdAt: "2026-11-22T00:00:00.000Z" });
    const { list } = deploymentList();
    office.books.deployments.answer = { ok: true, value: { list: [newer, ...list], activeIds: ["n"] } };
    await confirm(people.sam, "bbbb111");
    expect(office.modalOf(people.sam)).toMatch(/Something else is live by now/);
    expect(office.books.deployments.orders).toEqual([]);
  });

  it("does not start while another one is under way", async () => {
    await answerTo(people.sam, "rollback to bbbb111");
    office.books.deployments.latest = rollbackOf({
      id: "other",
      by: { slackId: people.dana, name: "Dana Reyes" },
    });
    await confirm(people.sam, "bbbb111");
    expect(office.modalOf(people.sam)).toMatch(/Dana Reyes is rolling back to .*One at a time/);
    expect(office.books.audit.at(-1)).toMatchObject({ outcome: "refused", detail: "busy" });
    expect(await answerTo(people.sam, "rollback to bbbb111")).toMatch(/One at a time/);
    expect(await answerTo(people.sam, "rollback")).toMatch(/Under way/);
  });

  it("keeps the form when Railway cannot be asked, so that it can be sent again", async () => {
    await answerTo(people.sam, "rollback to bbbb111");
    office.books.deployments.answer = {
      ok: false,
      failure: {
        kind: "unreachable",
        message: "Railway did not answer.",
        effect: "unknown",
        retryAfterMs: null,
      },
    };
    await confirm(people.sam, "bbbb111");
    expect(errorsOf(people.sam)).toEqual({ rollback_name: "Railway did not answer." });
  });
});

describe("a right that ends while the form is open", () => {
  it("is asked for again when the form is sent", async () => {
    await answerTo(people.sam, "rollback to bbbb111");
    await office.restart({ operators: [people.dana] });
    await confirm(people.sam, "bbbb111");
    expect(office.modalOf(people.sam)).toMatch(/You may not do this/);
    expect(office.books.deployments.orders).toEqual([]);
    expect(office.books.audit.at(-1)).toMatchObject({ action: "rollback.start", outcome: "refused" });
    await office.restart();
  });
});

describe("hostile and endless words", () => {
  const evil = "<!channel> *bold* <https://evil.example|click> `x` & ".repeat(500);
  const hostile = deployment({
    ...PREVIOUS,
    status: evil.slice(0, 2_000),
    commit: { hash: HASHES.previous, message: evil, author: evil, branch: evil, repo: "a/b" },
    image: evil,
  });
  const live = {
    ...LIVE,
    commit: { ...hostile.commit, hash: HASHES.live, repo: null, message: evil },
  } as typeof LIVE;
  const deployments = { list: [live, ...Array.from({ length: 19 }, () => hostile)], activeIds: [live.id] };
  const states = [
    { kind: "starting" },
    { kind: "asked", accepted: false, note: evil },
    {
      kind: "following",
      deploymentId: "d",
      accepted: true,
      words: evil,
      note: evil,
      onlineSince: null,
      goodLooks: 0,
    },
    { kind: "ended", result: "failed", reason: evil, at: "2026-11-21T12:10:00.000Z", deploymentId: "d" },
  ] as const;

  it("stay inside Slack's limits and say nothing on their own", () => {
    const messages = [
      deploymentsMessage(deployments),
      rollbackStatusMessage({ deployments, plan: null, latest: rollbackOf({ target: hostile }) }),
      ...states.map((state) => rollbackCard(rollbackOf({ target: hostile, from: live, state }))),
    ];
    for (const message of messages) {
      expect(messageProblems(message)).toEqual([]);
      const blocks = message.blocks.filter(({ type }) => type !== "header" && type !== "actions");
      expect(JSON.stringify(blocks)).not.toMatch(/<!channel>|<https:\/\/evil/);
      expect(message.text).not.toContain("<!channel>");
    }
    const view = rollbackView({ target: hostile, live, plan: "pro", alertsChannel: "C1" });
    expect(viewProblems(view)).toEqual([]);
    expect(JSON.stringify(view.blocks.filter(({ type }) => type !== "input"))).not.toContain("<!channel>");
    const ended = rollbackOf({ target: hostile, state: states[3] });
    expect(rollbackEndNote(ended)).not.toContain("<!channel>");
  });
});
