/** The installed app beside what this version needs: its settings as Slack exports them, and what does not fit. Pure. */
import { z } from "zod";
import { COMMAND, SHORTCUTS } from "./ids.ts";
import { BOT_SCOPES } from "./scopes.ts";

/** Besides the scopes, what the app must be set up for; a test keeps it equal to manifest.yml. */
export const APP_NEEDS = {
  commands: [COMMAND],
  events: ["app_home_opened", "app_mention"],
  shortcuts: Object.values(SHORTCUTS) as string[],
};

/** Ours in the app's settings, whatever the domain. */
const ENDPOINT = /\/slack\/events$/;

/** What of an exported manifest matters here; absent = not set. */
export const InstalledAppSchema = z.object({
  features: z
    .object({
      app_home: z.object({ messages_tab_enabled: z.boolean().optional() }).optional(),
      slash_commands: z
        .array(
          z.object({
            command: z.string(),
            url: z.string().optional(),
            should_escape: z.boolean().optional(),
          }),
        )
        .optional(),
      shortcuts: z.array(z.object({ callback_id: z.string() })).optional(),
    })
    .optional(),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()).optional() }).optional() }).optional(),
  settings: z
    .object({
      event_subscriptions: z
        .object({ request_url: z.string().optional(), bot_events: z.array(z.string()).optional() })
        .optional(),
      interactivity: z
        .object({ is_enabled: z.boolean().optional(), request_url: z.string().optional() })
        .optional(),
      socket_mode_enabled: z.boolean().optional(),
    })
    .optional(),
});
export type InstalledApp = z.infer<typeof InstalledAppSchema>;

/** One sentence each; [] = the app is set up for this version. */
export function appProblems(app: InstalledApp, { usesSocket }: { usesSocket: boolean }): string[] {
  return [
    ...missing("the command", APP_NEEDS.commands, commandsOf(app)),
    ...missing("the event", APP_NEEDS.events, app.settings?.event_subscriptions?.bot_events),
    ...missing(
      "the shortcut",
      APP_NEEDS.shortcuts,
      app.features?.shortcuts?.map(({ callback_id: id }) => id),
    ),
    ...missing("the scope", Object.keys(BOT_SCOPES), app.oauth_config?.scopes?.bot),
    ...switchProblems(app, usesSocket),
    ...(usesSocket ? [] : addressProblems(app)),
  ];
}

function commandsOf({ features }: InstalledApp): string[] | undefined {
  return features?.slash_commands?.map(({ command }) => command);
}

function missing(what: string, needed: readonly string[], found: readonly string[] = []): string[] {
  return needed.filter((one) => !found.includes(one)).map((one) => `${what} ${one} is missing`);
}

function switchProblems({ features, settings }: InstalledApp, usesSocket: boolean): string[] {
  const unescaped = (features?.slash_commands ?? []).filter(
    ({ command, should_escape: isEscaped }) => APP_NEEDS.commands.includes(command) && isEscaped !== true,
  );
  return [
    ...unescaped.map(({ command }) => `${command} does not escape names and channels (should_escape)`),
    ...(settings?.interactivity?.is_enabled === true ? [] : ["interactivity is off, so no button works"]),
    ...(features?.app_home?.messages_tab_enabled === false
      ? ["the Messages tab is off, so nobody gets a direct message"]
      : []),
    ...(usesSocket === (settings?.socket_mode_enabled === true)
      ? []
      : [
          usesSocket
            ? "Socket Mode is off, but SLACK_APP_TOKEN is set"
            : "Socket Mode is on, but SLACK_APP_TOKEN is not set: nothing reaches the bot",
        ]),
  ];
}

function addressProblems({ features, settings }: InstalledApp): string[] {
  const addresses: [string, string | undefined][] = [
    ...(features?.slash_commands ?? [])
      .filter(({ command }) => APP_NEEDS.commands.includes(command))
      .map(({ command, url }) => [command, url] as [string, string | undefined]),
    ["events", settings?.event_subscriptions?.request_url],
    ["interactivity", settings?.interactivity?.request_url],
  ];
  const wrong = addresses
    .filter(([, url]) => !ENDPOINT.test(url ?? ""))
    .map(([what, url]) => `the address for ${what} is ${url ?? "not set"}, it has to end in /slack/events`);
  const hosts = new Set(
    addresses.flatMap(([, url]) => (url && URL.canParse(url) ? [new URL(url).host] : [])),
  );
  const placeholder = [...hosts].filter((host) => /^your-domain$/i.test(host));
  return [
    ...wrong,
    ...(placeholder.length > 0 ? ["YOUR-DOMAIN still stands where the bot's address belongs"] : []),
    ...(hosts.size > 1 ? [`the addresses lead to different hosts: ${[...hosts].join(", ")}`] : []),
  ];
}
