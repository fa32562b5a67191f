/** User endpoints. */
import { notFound } from "./api-error.ts";
import { type ApiRequest, pathParam } from "./api-request.ts";
import { listBody, slicePage } from "./paging.ts";
import { asPageSize, type Json } from "./shape.ts";
import { renderBot, renderUser } from "./stamps.ts";

export function retrieveBot(request: ApiRequest): Json {
  return renderBot(request.world);
}

export function listUsers(request: ApiRequest): Json {
  const { world, query } = request;
  const pageSize = asPageSize(query.get("page_size") ?? undefined, "query");
  const ids = [...world.users.keys(), world.bot.id].map((id) => ({ id }));
  const cursor = query.get("start_cursor") ?? undefined;
  const slice = slicePage(ids, { listKey: "users", cursor, pageSize });
  return listBody(
    "user",
    slice.entries.map(({ id }) => renderUser(world, id)),
    slice.nextCursor,
  );
}

export function retrieveUser(request: ApiRequest): Json {
  const id = pathParam(request, "user_id");
  if (!request.world.users.has(id) && id !== request.world.bot.id) {
    throw notFound("user", id, request.world.bot);
  }
  return renderUser(request.world, id);
}
