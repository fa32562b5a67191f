import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderBlocks } from "../../src/sandbox/page/block-kit.ts";
import { joinHtml } from "../../src/sandbox/page/html.ts";
import { renderMrkdwn } from "../../src/sandbox/page/mrkdwn.ts";
import { createPage, type Page } from "../../src/sandbox/page/page-server.ts";
import { stateValues } from "../../src/sandbox/page/view-state.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";

const HOSTILE = `"'><img src=x onerror=alert(1)><script>alert(2)</script>`;
const names = { user: () => "Dana Reyes", channel: () => "leadership", group: () => "leadership" };
const scene = { names, people: [], channels: [], errors: {} };

let world: World;
let page: Page;

beforeAll(async () => {
  world = await createWorld();
  page = await createPage({ world, port: 0 });
});

afterAll(async () => {
  await page.close();
  await world.close();
});

async function post(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${page.url}/api/act`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: page.url, ...headers },
    body,
  });
  return { status: response.status, body: (await response.json()) as { error: string | null } };
}

async function state(as: string = people.dana) {
  const response = await fetch(`${page.url}/api/state?as=${as}`);
  return (await response.json()) as {
    slack: {
      people: { name: string; role: string }[];
      channels: { id: string; messages: { markup: string; isPrivate: boolean }[] }[];
    };
    notion: { title: string; rows: { id: string; cells: { text: string }[] }[] }[];
    progress: { about: string; steps: { name: string; state: string; note: string }[] };
    activity: { entries: { text: string }[]; faults: { id: string; until: number | null }[] };
  };
}

/** fetch does not let one choose the Host header. */
function statusWithHost(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${page.url}/api/state`, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.once("error", reject);
    sent.end();
  });
}

describe("files", () => {
  test("the page and everything it names is served, with a policy that runs no foreign script", async () => {
    const response = await fetch(page.url);
    const markup = await response.text();
    expect(response.headers.get("content-security-policy")).toContain("script-src 'self'");
    const named = [...markup.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]);
    expect(named).toContain("/main.js");
    for (const path of named) {
      const file = await fetch(`${page.url}${path}`);
      expect(`${path} ${file.status}`).toBe(`${path} 200`);
      expect(file.headers.get("content-type")).toMatch(/javascript|css/);
    }
  });

  test("every module that a script imports is served", async () => {
    for (const name of ["main.js", "slack-pane.js", "notion-pane.js", "activity-pane.js", "modal.js"]) {
      const path = new URL(`../../src/sandbox/page/client/${name}`, import.meta.url);
      const imports = [...(await readFile(path, "utf8")).matchAll(/from "\.\/([^"]+)"/g)];
      expect(imports.length).toBeGreaterThan(0);
      for (const [, module] of imports) expect((await fetch(`${page.url}/${module}`)).status).toBe(200);
    }
  });

  test("nothing else on the disk is reachable", async () => {
    for (const path of ["/page-server.ts", "/..%2fpage-server.ts", "/client/main.js", "/tsconfig.json"])
      expect((await fetch(`${page.url}${path}`)).status).toBe(404);
  });
});

describe("the door for actions", () => {
  const say = (text: string, as: string = people.dana) =>
    JSON.stringify({ act: "say", as, channel: channels.leadership, text });

  test("is closed to other origins, and to requests without one", async () => {
    expect((await post(say("x"), { origin: "https://evil.example" })).status).toBe(403);
    expect((await post(say("x"), { origin: "null" })).status).toBe(403);
    const bare = await fetch(`${page.url}/api/act`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: say("x"),
    });
    expect(bare.status).toBe(403);
    expect(world.slack.messages(channels.leadership)).toEqual([]);
  });

  test("is closed to a foreign name that points at this machine", async () => {
    expect(await statusWithHost("rebound.example")).toBe(403);
    expect(await statusWithHost(new URL(page.url).host)).toBe(200);
  });

  test("takes JSON only, of bounded size, and only actions it knows", async () => {
    expect((await post(say("x"), { "content-type": "text/plain" })).status).toBe(415);
    expect((await post(say("x".repeat(300 * 1024)))).status).toBe(413);
    expect((await post("{ not json")).status).toBe(400);
    expect((await post(JSON.stringify({ act: "format-disk", as: people.dana }))).status).toBe(400);
  });

  test("lets nobody act as a person who is not a member", async () => {
    for (const stranger of [people.stranger, people.guest, people.former, "U404"])
      expect((await post(say("x", stranger))).body.error).toContain("No such person");
  });

  test("refuses commands that are not the bot's, as Slack would", async () => {
    expect((await post(say("/deploy now"))).body.error).toContain("not a command");
  });

  test("says what a person typed, and the others hear of it", async () => {
    const events = await fetch(`${page.url}/events`);
    const reader = events.body?.getReader();
    expect((await post(say("Hello team"))).body).toEqual({ error: null });
    let heard = "";
    while (reader && !heard.includes("data: changed")) {
      const { value, done } = await reader.read();
      if (done) break;
      heard += new TextDecoder().decode(value);
    }
    await reader?.cancel();
    expect(heard).toContain("data: changed");
    const { slack, activity } = await state(people.sam);
    const room = slack.channels.find(({ id }) => id === channels.leadership);
    expect(room?.messages.at(-1)?.markup).toContain("Hello team");
    expect(activity.entries[0]?.text).toBe("Dana Reyes wrote in #leadership: “Hello team”");
  });
});

describe("state", () => {
  test("says who may decide", async () => {
    const { slack } = await state();
    expect(slack.people).toEqual([
      expect.objectContaining({ name: "Dana Reyes", role: "approver" }),
      expect.objectContaining({ name: "Sam Okafor", role: "approver" }),
      expect.objectContaining({ name: "Lee Park", role: "not an approver" }),
    ]);
  });

  test("lists all ten databases, the inbox first", async () => {
    const { notion } = await state();
    expect(notion).toHaveLength(10);
    expect(notion[0]?.title).toBe("System Inbox");
  });

  test("an edited cell changes the row as the person, and the timeline says so", async () => {
    await post(
      JSON.stringify({ act: "create", as: people.lee, database: "System Inbox", title: "Buy a van" }),
    );
    const row = world.notion.rows("System Inbox").at(-1);
    const edited = await post(
      JSON.stringify({
        act: "edit",
        as: people.dana,
        page: row?.id ?? "",
        column: "Content",
        value: HOSTILE,
      }),
    );
    expect(edited.body).toEqual({ error: null });
    const { notion, activity, progress } = await state();
    const cells = notion[0]?.rows.find(({ id }) => id === row?.id)?.cells.map(({ text }) => text);
    expect(cells).toContain("Buy a van");
    expect(cells).toContain(HOSTILE);
    expect(activity.entries.map(({ text }) => text)).toContain(
      "Dana Reyes edited Content of “Buy a van” in Notion",
    );
    expect(progress.steps[0]).toEqual(expect.objectContaining({ name: "Inbox", state: "active" }));
    // Dana may decide, Lee may not.
    expect(progress.steps[2]?.name).toBe("You decide");
    expect((await state(people.lee)).progress.steps[2]?.name).toBe("An approver decides");
  });

  test("routine work skips the advisers and the person in the progress, and says so", async () => {
    const row = world.notion.rows("System Inbox").at(-1);
    const becomes = (value: string) =>
      post(JSON.stringify({ act: "edit", as: people.dana, page: row?.id ?? "", column: "Status", value }));
    await becomes("Triaged_to_Task");
    const { progress } = await state();
    expect(progress.steps.map((step) => step.state)).toEqual(["done", "skipped", "skipped", "done"]);
    expect(progress).toMatchObject({
      about: "Buy a van",
      steps: [{}, { note: "not needed for this" }, {}, {}],
    });
    await becomes("Unprocessed");
  });

  test("a number column refuses words", async () => {
    const row = world.notion.rows("System Inbox").at(-1);
    const refused = await post(
      JSON.stringify({
        act: "edit",
        as: people.dana,
        page: row?.id ?? "",
        column: "Attempts",
        value: "many",
      }),
    );
    expect(refused.body.error).toBe('"many" is not a number');
  });

  test("a fault is on until it ends or all is made well", async () => {
    await post(JSON.stringify({ act: "fault", id: "notion-down" }));
    const during = await state();
    expect(during.activity.faults.find(({ id }) => id === "notion-down")?.until).toBeGreaterThan(Date.now());
    expect((await fetch(`${world.notion.url}/v1/users/me`)).status).toBe(503);
    await post(JSON.stringify({ act: "heal" }));
    const after = await state();
    expect(after.activity.faults.every(({ until }) => until === null)).toBe(true);
    expect((await fetch(`${world.notion.url}/v1/users/me`)).status).not.toBe(503);
  });
});

describe("drawing Block Kit", () => {
  const text = { type: "mrkdwn", text: HOSTILE };
  const plain = { type: "plain_text", text: HOSTILE };
  const option = { text: plain, value: HOSTILE, description: plain };
  const confirm = { title: plain, text: plain, confirm: plain, deny: plain };
  const button = { type: "button", text: plain, action_id: HOSTILE, value: HOSTILE, confirm, url: HOSTILE };
  const inputs = [
    "plain_text_input",
    "static_select",
    "radio_buttons",
    "checkboxes",
    "datepicker",
    "unheard_of",
  ];
  const blocks = [
    { type: "header", text: plain },
    { type: "section", block_id: HOSTILE, text, fields: [text, plain], accessory: button },
    { type: "context", elements: [text, { type: "image", image_url: HOSTILE, alt_text: HOSTILE }] },
    { type: "actions", elements: [button, { type: "overflow", options: [option] }] },
    ...inputs.map((type) => ({
      type: "input",
      block_id: HOSTILE,
      label: plain,
      hint: plain,
      element: { type, action_id: HOSTILE, initial_value: `</textarea>${HOSTILE}`, options: [option] },
    })),
    { type: "markdown", text: HOSTILE },
    { type: HOSTILE },
  ];

  test("hostile text is inert wherever it stands", () => {
    const markup = joinHtml(renderBlocks(blocks, { ...scene, errors: { [HOSTILE]: HOSTILE } })).markup;
    expect(markup).toContain("alert(1)");
    expect(markup).not.toMatch(/<(img|script)/i);
    // Outside quoted attributes no handler is left, and no quote breaks out of one.
    const tags = markup.match(/<[a-z][^>]*>/g) ?? [];
    expect(tags.length).toBeGreaterThan(40);
    for (const tag of tags) expect(tag.replaceAll(/"[^"]*"/g, "")).not.toMatch(/onerror|alert|["']/);
  });

  test("a block it does not know is shown as such, never left out", () => {
    const markup = joinHtml(renderBlocks([{ type: "video" }, null], scene)).markup;
    expect(markup.match(/Cannot render/g)).toHaveLength(2);
    expect(markup).toContain("video");
  });

  test("mrkdwn is styled as in Slack", () => {
    const draw = (source: string) => renderMrkdwn(source, names).markup;
    expect(draw("*bold* _it_ ~no~ `a*b*`")).toBe(
      "<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*</code>",
    );
    expect(draw("2*3*4 and snake_case_name")).toBe("2*3*4 and snake_case_name");
    expect(draw("<@U1> in <#C1>")).toContain("@Dana Reyes</span> in");
    expect(draw("<https://a.example/?a=1&amp;b=2|here>")).toContain('href="https://a.example/?a=1&amp;b=2"');
    expect(draw("<javascript:alert(1)|here>")).not.toContain("<a");
    expect(draw("&lt;@U1&gt; &amp;amp;")).toBe("&lt;@U1&gt; &amp;amp;");
    expect(draw("<!date^1700000000^{date_num}|then>")).toContain(">2023-11-14</time>");
    expect(draw("• one\n• two")).toContain('<span class="li"><span>•</span><span>two</span></span>');
  });

  test("what was typed is sent as Slack would send it", () => {
    const choice = { text: { type: "plain_text", text: "A" }, value: "A" };
    const view = {
      blocks: [
        { type: "input", block_id: "why", element: { type: "plain_text_input", action_id: "text" } },
        {
          type: "input",
          block_id: "which",
          element: { type: "static_select", action_id: "pick", options: [choice] },
        },
        {
          type: "input",
          block_id: "more",
          element: { type: "checkboxes", action_id: "box", options: [choice] },
        },
      ],
    };
    const typed = [
      { block: "why", action: "text", values: [""] },
      { block: "which", action: "pick", values: ["A"] },
      { block: "more", action: "box", values: [] },
      { block: "made", action: "up", values: ["x"] },
    ];
    expect(stateValues(view, typed)).toEqual({
      why: { text: { type: "plain_text_input", value: null } },
      which: { pick: { type: "static_select", selected_option: choice } },
      more: { box: { type: "checkboxes", selected_options: [] } },
    });
  });
});
