#include "admin/list.h"

#include "document/json_write.h"
#include "gateway/query.h"
#include "gateway/paths.h"

bool admin_list_read(struct request *request, struct admin_list_order *out)
{
    const struct query_param params[] = {
        {.name = "endpoint", .text = &out->endpoint},
        {.name = "after", .text = &out->after},
        {.name = "limit", .number = &out->limit, .least = 1, .greatest = ADMIN_PAGE_MAX},
    };

    *out = (struct admin_list_order){.limit = ADMIN_PAGE};
    if (query_read(request, params, sizeof params / sizeof *params) &&
        (out->endpoint.len == 0 || config_endpoint(request->config, out->endpoint) != NULL))
        return true;
    if (request->error.code == ERROR_NONE)
        error_set(&request->error, ERROR_ENDPOINT_NOT_FOUND, "endpoint",
                  "there is no endpoint '%.*s'", TEXT_ARG(text_first(out->endpoint, 64)));
    request_refuse(request);
    return false;
}

void admin_list_begin(struct admin_list *list, struct arena *arena)
{
    *list = (struct admin_list){.out = buffer_in(arena)};
    buffer_put(&list->out, TEXT("{\"object\":\"list\",\"data\":["));
}

struct buffer *admin_list_add(struct admin_list *list, struct text id)
{
    if (list->count++ > 0)
        buffer_put_byte(&list->out, ',');
    else
        list->first = id;
    list->last = id;
    return &list->out;
}

static void put_id(struct buffer *out, const char *name, const struct admin_list *list,
                   struct text id)
{
    json_put_text_or_null(out, name, list->count > 0 ? id : (struct text){0});
}

struct text admin_list_end(struct admin_list *list, bool has_more)
{
    struct buffer *out = &list->out;

    buffer_put_byte(out, ']');
    put_id(out, "first_id", list, list->first);
    put_id(out, "last_id", list, list->last);
    json_put_name(out, "has_more");
    buffer_put(out, has_more ? TEXT("true}") : TEXT("false}"));
    return buffer_text(out);
}
