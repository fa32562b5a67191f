/** Times and users as answers carry them. */
import type { Json } from "./shape.ts";
import type { World } from "./world.ts";

/** Pages, blocks and data sources: cut down to the minute. */
export function minuteTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}:00.000Z`;
}

/** Databases: milliseconds, and an offset instead of Z. */
export function exactTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "+00:00");
}

export function partialUser(id: string): Json {
  return { object: "user", id };
}

/** A whole user; only the id of one who is not in the workspace. */
export function renderUser(world: World, id: string): Json {
  if (id === world.bot.id) return renderBot(world);
  const user = world.users.get(id);
  if (!user) return partialUser(id);
  return {
    object: "user",
    id,
    name: user.name,
    avatar_url: null,
    type: "person",
    person: { email: user.email },
  };
}

export function renderBot(world: World): Json {
  return {
    object: "user",
    id: world.bot.id,
    name: world.bot.name,
    avatar_url: null,
    type: "bot",
    bot: {
      owner: { type: "workspace", workspace: true },
      workspace_name: world.workspace.name,
      workspace_id: world.workspace.id,
      workspace_limits: { max_file_upload_size_in_bytes: 5_368_709_120 },
    },
  };
}
