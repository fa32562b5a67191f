/** Slack for the person who sets the bot up: what the tokens may do, and whom and what the settings name. Reads only. */
import { webApi } from "@slack/bolt";
import type { GroupLookup, PersonFacts } from "../domain/approval.ts";
import { AppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { toAppError } from "./api-errors.ts";
import { boltLogger } from "./bolt-log.ts";
import { type InstalledApp, InstalledAppSchema } from "./installed-app.ts";
import { type ChannelFacts, createReads, type Identity } from "./outbound-reads.ts";
import { BOT_SCOPES, type BotScope } from "./scopes.ts";

const TIMEOUT_MS = 10_000;

export interface SlackAdmin {
  identity(): Promise<Identity>;
  /** Scopes the manifest asks for and the installed app does not have; null when Slack does not tell. */
  missingScopes(): Promise<{ scope: BotScope; consequence: string }[] | null>;
  channel(channelId: string): Promise<ChannelFacts>;
  /** null = no such user. */
  person(userId: string): Promise<PersonFacts | null>;
  group(groupId: string): Promise<GroupLookup>;
  /** Resolves when the app-level token can open a socket. */
  checkAppToken(appToken: string): Promise<void>;
  /** The app's settings. A bot token may not read them: it takes an app configuration token. */
  installedApp(configToken: string): Promise<InstalledApp>;
}

export function createSlackAdmin(options: { token: string; apiUrl: string; log: Log }): SlackAdmin {
  const client = new webApi.WebClient(options.token, {
    slackApiUrl: options.apiUrl,
    timeout: TIMEOUT_MS,
    retryConfig: { retries: 1 },
    logger: boltLogger(options.log),
  });
  const reads = createReads({ background: client, interactive: client, apiUrl: options.apiUrl });
  return {
    identity: reads.identity,
    channel: reads.channel,
    person: reads.person,
    group: reads.groupMembers,
    async missingScopes() {
      const { response_metadata: metadata } = await client.auth.test().catch((error: unknown) => {
        throw toAppError(error, "auth.test");
      });
      const granted = metadata?.scopes;
      if (granted === undefined) return null;
      return scopeNames()
        .filter((scope) => !granted.includes(scope))
        .map((scope) => ({ scope, consequence: BOT_SCOPES[scope] }));
    },
    async checkAppToken(appToken) {
      await client.apps.connections.open({ token: appToken }).catch((error: unknown) => {
        throw toAppError(error, "apps.connections.open");
      });
    },
    async installedApp(configToken) {
      const { botId } = await reads.identity();
      const { bot } = await client.bots.info({ bot: botId }).catch((error: unknown) => {
        throw toAppError(error, "bots.info");
      });
      const method = "apps.manifest.export";
      const exported = await client.apps.manifest
        .export({ app_id: bot?.app_id ?? "", token: configToken })
        .catch((error: unknown) => {
          throw toAppError(error, method);
        });
      const parsed = InstalledAppSchema.safeParse(exported.manifest);
      if (parsed.success) return parsed.data;
      throw new AppError(`Slack ${method}: the answer has another form than expected`, {
        code: "slack_rejected",
        retryable: false,
      });
    },
  };
}

function scopeNames(): BotScope[] {
  // The keys of the table are the names of the scopes.
  return Object.keys(BOT_SCOPES) as BotScope[];
}
