/* admin/list.h
 * What the calls that list things answer:
 * {"object":"list","data":[...],"first_id","last_id","has_more"}. */
#pragma once
#include "base/buffer.h"

struct request;

enum { ADMIN_PAGE = 50, ADMIN_PAGE_MAX = 200 }; /* `limit` of a list; its default and its most */

/* What a list of things of endpoints is asked for. */
struct admin_list_order {
    struct text endpoint; /* only those of this one; empty: of all */
    struct text after;    /* only those behind this one; empty: from the first on */
    uint64_t limit;
};
/* Reads ?endpoint=, after= and limit=; false when the request has been refused because of them. */
bool admin_list_read(struct request *request, struct admin_list_order *out);

struct admin_list {
    struct buffer out;
    struct text first, last;
    size_t count;
};
void admin_list_begin(struct admin_list *list, struct arena *arena);
/* Where the next thing's JSON is to be written; the id is borrowed until the end. */
struct buffer *admin_list_add(struct admin_list *list, struct text id);
/* Gives the whole, in the list's arena. */
struct text admin_list_end(struct admin_list *list, bool has_more);
