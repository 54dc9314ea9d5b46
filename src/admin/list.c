#include "admin/list.h"

#include "document/json_write.h"

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
    json_put_name(out, name);
    if (list->count > 0)
        json_put_string(out, id);
    else
        buffer_put(out, TEXT("null"));
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
