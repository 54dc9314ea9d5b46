/* Lists and runs. */
#include "demo/demo_scan.h"

struct demo_gather demo_gather_new(struct arena *arena, size_t max)
{
    return (struct demo_gather){.items = ARENA_ARRAY(arena, struct text, max), .max = max};
}

void demo_gather_put(struct demo_gather *gather, struct text item)
{
    if (gather->count < gather->max && item.len > 0)
        gather->items[gather->count++] = item;
}

static bool gather_has(const struct demo_gather *gather, struct text item)
{
    for (size_t i = 0; i < gather->count; i++)
        if (text_equal_nocase(gather->items[i], item))
            return true;
    return false;
}

void demo_gather_put_once(struct demo_gather *gather, struct text item)
{
    if (!gather_has(gather, item))
        demo_gather_put(gather, item);
}

struct demo_list demo_gathered(const struct demo_gather *gather)
{
    return (struct demo_list){gather->items, gather->count};
}

struct text demo_bare(struct text token)
{
    static const char outer[] = "\"'`()[]{}<>,;:.!?*_";

    while (token.len > 0 && memchr(outer, token.at[0], sizeof outer - 1))
        token = text_after(token, 1);
    while (token.len > 0 && memchr(outer, token.at[token.len - 1], sizeof outer - 1))
        token.len--;
    return token;
}

bool demo_next_run(struct text *rest, struct text *out)
{
    while (rest->len > 0 && (rest->at[0] == ' ' || rest->at[0] == '\n'))
        *rest = text_after(*rest, 1);
    *out = text_first(*rest, 0);
    while (out->len < rest->len && out->at[out->len] != ' ' && out->at[out->len] != '\n')
        out->len++;
    *rest = text_after(*rest, out->len);
    return out->len > 0;
}
