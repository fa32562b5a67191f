/** auth.test, users.* and usergroups.*. */
import type { SlackUser } from "../../stand-ins.ts";
import type { Json } from "../json-values.ts";
import { flagArg, type Method, page, SlackRefusal, textArg } from "../method-call.ts";
import { findUser, teamOf, type Workspace } from "../workspace.ts";

const authTest: Method = ({ workspace }) => {
  const { team, bot } = workspace.seed;
  return {
    url: `https://${team.domain}.slack.com/`,
    team: team.name,
    user: bot.name,
    team_id: team.id,
    user_id: bot.userId,
    bot_id: bot.botId,
    is_enterprise_install: false,
  };
};

function userJson(workspace: Workspace, user: SlackUser): Json {
  const isStranger = teamOf(workspace, user) !== workspace.seed.team.id;
  const profile = {
    real_name: user.realName,
    real_name_normalized: user.realName,
    display_name: user.name,
    display_name_normalized: user.name,
    team: teamOf(workspace, user),
    // Slack hides the address of people of other teams.
    ...(user.email === "" || isStranger ? {} : { email: user.email }),
    ...(user.isBot === true ? { bot_id: workspace.seed.bot.botId, api_app_id: workspace.appId } : {}),
  };
  const base = {
    id: user.id,
    team_id: teamOf(workspace, user),
    name: user.name,
    deleted: user.deleted ?? false,
    profile,
    is_bot: user.isBot ?? false,
    is_app_user: false,
    updated: 0,
  };
  if (user.deleted === true) return base;
  return {
    ...base,
    real_name: user.realName,
    tz: "Etc/UTC",
    tz_label: "Coordinated Universal Time",
    tz_offset: 0,
    ...(isStranger ? { is_stranger: true } : {}),
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    // A single-channel guest is both.
    is_restricted: user.isRestricted === true || user.isUltraRestricted === true,
    is_ultra_restricted: user.isUltraRestricted ?? false,
  };
}

const info: Method = ({ args, workspace }) => {
  const user = findUser(workspace, textArg(args, "user"));
  if (user === undefined) throw new SlackRefusal("user_not_found");
  return { user: userJson(workspace, user) };
};

const list: Method = ({ args, workspace }) => {
  const { bot, users } = workspace.seed;
  const everybody = [...users, findUser(workspace, bot.userId)].filter((user) => user !== undefined);
  const { items, nextCursor } = page(everybody, args, { fallback: 1000, max: 1000 });
  return {
    members: items.map((user) => userJson(workspace, user)),
    cache_ts: Math.floor(workspace.now() / 1000),
    response_metadata: { next_cursor: nextCursor },
  };
};

const lookupByEmail: Method = ({ args, workspace }) => {
  const email = textArg(args, "email").toLowerCase();
  const user = workspace.seed.users.find(
    (one) =>
      one.email.toLowerCase() === email &&
      one.deleted !== true &&
      teamOf(workspace, one) === workspace.seed.team.id,
  );
  if (email === "" || user === undefined) throw new SlackRefusal("users_not_found");
  return { user: userJson(workspace, user) };
};

const listGroups: Method = ({ args, workspace }) => ({
  usergroups: workspace.seed.groups.map((group) => ({
    id: group.id,
    team_id: workspace.seed.team.id,
    is_usergroup: true,
    name: group.name,
    handle: group.handle,
    description: "",
    is_external: false,
    date_delete: 0,
    ...(flagArg(args, "include_count") ? { user_count: group.users.length } : {}),
    ...(flagArg(args, "include_users") ? { users: [...group.users] } : {}),
  })),
});

const groupUsers: Method = ({ args, workspace }) => {
  const group = workspace.seed.groups.find((one) => one.id === textArg(args, "usergroup"));
  if (group === undefined) throw new SlackRefusal("no_such_subteam");
  return { users: group.users.filter((id) => findUser(workspace, id)?.deleted !== true) };
};

const botInfo: Method = ({ args, workspace }) => {
  const { bot } = workspace.seed;
  if (textArg(args, "bot") !== bot.botId) throw new SlackRefusal("bot_not_found");
  const { appId } = workspace;
  return { bot: { id: bot.botId, deleted: false, name: bot.name, app_id: appId, user_id: bot.userId } };
};

export const peopleMethods: Record<string, Method> = {
  "bots.info": botInfo,
  "auth.test": authTest,
  "users.info": info,
  "users.list": list,
  "users.lookupByEmail": lookupByEmail,
  "usergroups.list": listGroups,
  "usergroups.users.list": groupUsers,
};
