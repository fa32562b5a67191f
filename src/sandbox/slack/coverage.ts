/**
 * The Web API methods that the stand-in knows, with Slack's rate-limit tier and the scopes of which one is needed
 * (empty = none). A test holds this table and the routes together.
 */

/** Calls per minute and workspace. `postMessage` is per channel; `none` is what Slack calls special. */
export type Tier = 1 | 2 | 3 | 4 | "postMessage" | "none";

export interface Coverage {
  tier: Tier;
  anyScope: readonly string[];
}

const readsConversations = ["channels:read", "groups:read", "im:read", "mpim:read"];
const readsHistory = ["channels:history", "groups:history", "im:history", "mpim:history"];

export const coverage: Readonly<Record<string, Coverage>> = {
  "apps.connections.open": { tier: 1, anyScope: [] },
  "apps.manifest.export": { tier: 3, anyScope: [] },
  "auth.test": { tier: "none", anyScope: [] },
  "blocks.validate": { tier: "none", anyScope: [] },
  "bots.info": { tier: 3, anyScope: ["users:read"] },
  "chat.delete": { tier: 3, anyScope: ["chat:write"] },
  "chat.getPermalink": { tier: "none", anyScope: [] },
  "chat.postEphemeral": { tier: 4, anyScope: ["chat:write"] },
  "chat.postMessage": { tier: "postMessage", anyScope: ["chat:write"] },
  "chat.update": { tier: 3, anyScope: ["chat:write"] },
  "conversations.history": { tier: 3, anyScope: readsHistory },
  "conversations.info": { tier: 3, anyScope: readsConversations },
  "conversations.join": { tier: 3, anyScope: ["channels:join"] },
  "conversations.list": { tier: 2, anyScope: readsConversations },
  "conversations.members": { tier: 4, anyScope: readsConversations },
  "conversations.open": { tier: 3, anyScope: ["im:write", "mpim:write"] },
  "conversations.replies": { tier: 3, anyScope: readsHistory },
  "files.completeUploadExternal": { tier: 4, anyScope: ["files:write"] },
  "files.getUploadURLExternal": { tier: 4, anyScope: ["files:write"] },
  "reactions.add": { tier: 3, anyScope: ["reactions:write"] },
  "usergroups.list": { tier: 2, anyScope: ["usergroups:read"] },
  "usergroups.users.list": { tier: 2, anyScope: ["usergroups:read"] },
  "users.conversations": { tier: 3, anyScope: readsConversations },
  "users.info": { tier: 4, anyScope: ["users:read"] },
  "users.list": { tier: 2, anyScope: ["users:read"] },
  "users.lookupByEmail": { tier: 3, anyScope: ["users:read.email"] },
  "views.open": { tier: 4, anyScope: [] },
  "views.publish": { tier: 4, anyScope: [] },
  "views.push": { tier: 4, anyScope: [] },
  "views.update": { tier: 4, anyScope: [] },
};
