/** The scopes of the manifest, and what stops working without each. A test keeps the two equal. */
export const BOT_SCOPES = {
  "chat:write": "no card, reply or notice can be posted",
  commands: "/emm and the shortcuts do not exist",
  "app_mentions:read": "mentioning the bot in a thread does nothing",
  "users:read": "nobody can be recognised, so nobody can decide",
  "users:read.email": "decisions made in Notion are refused",
  "usergroups:read": "approver groups (S…) count for nobody",
  "channels:history": "no thread gets into the inbox, and a card whose post was cut off may appear twice",
  "groups:history": "the same in private channels",
  "channels:read": "health cannot tell whether the bot is in its channels",
  "groups:read": "the same for private channels",
  "im:write": "whoever asked gets no direct message",
  "files:write": "/emm export cannot hand out its file",
} as const satisfies Record<string, string>;

export type BotScope = keyof typeof BOT_SCOPES;
