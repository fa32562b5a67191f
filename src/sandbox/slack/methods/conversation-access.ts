/** Which conversation an argument names, and whether the bot may see or write there. */
import { type MethodCall, SlackRefusal, textArg } from "../method-call.ts";
import { type Channel, directMessageWith, findUser, type Workspace } from "../workspace.ts";

/** By id, "#name" or, for posting, a person's id (their direct message with the bot). */
function findChannel(workspace: Workspace, wanted: string): Channel | undefined {
  const byId = workspace.channels.get(wanted);
  if (byId !== undefined) return byId;
  const name = wanted.replace(/^#/, "");
  return [...workspace.channels.values()].find((channel) => channel.imUser === null && channel.name === name);
}

/** Private channels without the bot do not exist for it. */
export function visibleChannel({ args, workspace }: MethodCall): Channel {
  const channel = workspace.channels.get(textArg(args, "channel"));
  if (channel === undefined || (channel.isPrivate && !channel.botIsMember))
    throw new SlackRefusal("channel_not_found");
  return channel;
}

/** For reading what was said. */
export function joinedChannel(call: MethodCall): Channel {
  const channel = visibleChannel(call);
  if (!channel.botIsMember) throw new SlackRefusal("not_in_channel");
  return channel;
}

/** For writing. */
export function writableChannel({ args, workspace }: MethodCall): Channel {
  const wanted = textArg(args, "channel");
  const channel = findChannel(workspace, wanted) ?? personalChannel(workspace, wanted);
  if (channel === undefined || (channel.isPrivate && !channel.botIsMember))
    throw new SlackRefusal("channel_not_found");
  if (channel.isArchived) throw new SlackRefusal("is_archived");
  if (!channel.botIsMember) throw new SlackRefusal("not_in_channel");
  return channel;
}

function personalChannel(workspace: Workspace, wanted: string): Channel | undefined {
  const user = findUser(workspace, wanted);
  return user === undefined || user.deleted === true || user.isBot === true
    ? undefined
    : directMessageWith(workspace, user.id);
}
