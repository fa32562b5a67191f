/** manifest.yml against what Slack takes: its keys, lengths and kinds, and the names of scopes and events it knows. */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { APP_NEEDS, appProblems, InstalledAppSchema } from "../../src/slack/installed-app.ts";

const MANIFEST = new URL("../../manifest.yml", import.meta.url);

function strictObject(properties: Record<string, object>, required = Object.keys(properties)) {
  return { type: "object", additionalProperties: false, properties, required };
}

const text = (maxLength: number, minLength = 1) => ({ type: "string", minLength, maxLength });
const address = { type: "string", pattern: "^https://" };
const flag = { type: "boolean" };

/** Of all that Slack knows, what a bot like this one may ask for; a new one is added here on purpose. */
const SCOPES = [
  "app_mentions:read",
  "channels:history",
  "channels:read",
  "chat:write",
  "chat:write.public",
  "commands",
  "files:write",
  "groups:history",
  "groups:read",
  "im:history",
  "im:read",
  "im:write",
  "reactions:write",
  "usergroups:read",
  "users:read",
  "users:read.email",
];
const EVENTS = ["app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked"];

/** After Slack's manifest schema, version 2: limits as its pages give them, and no key beyond those we use. */
const SCHEMA = strictObject({
  _metadata: strictObject({ major_version: { const: 2 }, minor_version: { type: "integer" } }),
  display_information: strictObject({
    name: text(35),
    description: text(140),
    long_description: text(4000, 175),
    background_color: { type: "string", pattern: "^#([0-9a-f]{3}|[0-9a-f]{6})$" },
  }),
  features: strictObject(
    {
      app_home: strictObject({
        home_tab_enabled: flag,
        messages_tab_enabled: flag,
        messages_tab_read_only_enabled: flag,
      }),
      bot_user: strictObject({
        display_name: { ...text(80), pattern: "^[a-z0-9._-]+$" },
        always_online: flag,
      }),
      slash_commands: {
        type: "array",
        minItems: 1,
        maxItems: 50,
        items: strictObject({
          command: { type: "string", pattern: "^/[a-z0-9_-]{1,31}$" },
          url: address,
          description: text(2000),
          usage_hint: text(1000),
          should_escape: { const: true },
        }),
      },
      shortcuts: {
        type: "array",
        maxItems: 10,
        items: strictObject({
          name: text(24),
          type: { enum: ["message", "global"] },
          callback_id: text(255),
          description: text(150),
        }),
      },
    },
    ["app_home", "bot_user", "slash_commands"],
  ),
  oauth_config: strictObject({
    scopes: strictObject({ bot: { type: "array", uniqueItems: true, items: { enum: SCOPES } } }),
  }),
  settings: strictObject({
    event_subscriptions: strictObject({
      request_url: address,
      bot_events: { type: "array", uniqueItems: true, items: { enum: EVENTS } },
    }),
    interactivity: strictObject({ is_enabled: { const: true }, request_url: address }),
    org_deploy_enabled: flag,
    socket_mode_enabled: flag,
    token_rotation_enabled: { const: false },
  }),
});

const validate = new Ajv({ strict: false, allErrors: true }).compile(SCHEMA);

function problemsOf(manifest: string): string[] {
  validate(parse(manifest));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe("manifest.yml", () => {
  const manifest = readFileSync(MANIFEST, "utf8");

  it("is what Slack takes", () => {
    expect(problemsOf(manifest)).toEqual([]);
  });

  it.each([
    ["an unknown key", "bot_user:", "bot_users:"],
    ["a command without its slash", "command: /emm", "command: emm"],
    ["a scope that does not exist", "- chat:write", "- chat:writes"],
    ["an event that does not exist", "- app_home_opened", "- app_home_open"],
    [
      "a name that is too long",
      "name: Executive Mind Matrix",
      "name: Executive Mind Matrix and Company Limited",
    ],
    ["an address without https", "url: https://", "url: http://"],
    ["names that arrive unescaped", "should_escape: true", "should_escape: false"],
  ])("would be refused with %s", (_, good, bad) => {
    expect(manifest).toContain(good);
    expect(problemsOf(manifest.replace(good, bad))).not.toEqual([]);
  });
});

describe("the installed app", () => {
  const manifest = readFileSync(MANIFEST, "utf8").replaceAll("YOUR-DOMAIN", "emm.example.com");
  const problems = (text: string, usesSocket = false) =>
    appProblems(InstalledAppSchema.parse(parse(text)), { usesSocket });

  it("needs the commands, events and shortcuts that manifest.yml sets up", () => {
    const { features, settings } = InstalledAppSchema.parse(parse(manifest));
    expect(APP_NEEDS).toEqual({
      commands: features?.slash_commands?.map(({ command }) => command) ?? [],
      events: settings?.event_subscriptions?.bot_events ?? [],
      shortcuts: features?.shortcuts?.map(({ callback_id: id }) => id) ?? [],
    });
  });

  it("is fine when it was made from manifest.yml", () => {
    expect(problems(manifest)).toEqual([]);
  });

  it("is fine over a socket, which needs no address", () => {
    const socket = manifest
      .replace("socket_mode_enabled: false", "socket_mode_enabled: true")
      .replaceAll(/^ *(request_)?url: .*$/gm, "");
    expect(problems(socket, true)).toEqual([]);
  });

  it.each([
    ["another command", "command: /emm", "command: /emm-old", ["the command /emm is missing"]],
    ["no event", "- app_home_opened", "- app_mention", ["the event app_home_opened is missing"]],
    ["a scope too few", "- im:write", "- im:read", ["the scope im:write is missing"]],
    [
      "buttons that are off",
      "is_enabled: true",
      "is_enabled: false",
      ["interactivity is off, so no button works"],
    ],
    [
      "unescaped names",
      "should_escape: true",
      "should_escape: false",
      ["/emm does not escape names and channels (should_escape)"],
    ],
    [
      "an address of something else",
      "emm.example.com/slack/events",
      "emm.example.com/other",
      ["the address for /emm is https://emm.example.com/other, it has to end in /slack/events"],
    ],
    [
      "two hosts",
      "https://emm.example.com",
      "https://old.example.com",
      ["the addresses lead to different hosts: old.example.com, emm.example.com"],
    ],
    [
      "a socket although the bot listens over HTTP",
      "socket_mode_enabled: false",
      "socket_mode_enabled: true",
      ["Socket Mode is on, but SLACK_APP_TOKEN is not set: nothing reaches the bot"],
    ],
  ])("is not fine with %s", (_what, good, bad, words) => {
    expect(manifest).toContain(good);
    expect(problems(manifest.replace(good, bad))).toEqual(words);
  });

  it("is not fine with the placeholder of the manifest", () => {
    expect(problems(readFileSync(MANIFEST, "utf8"))).toEqual([
      "YOUR-DOMAIN still stands where the bot's address belongs",
    ]);
  });
});
