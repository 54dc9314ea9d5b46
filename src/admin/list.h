/* admin/list.h
 * What the calls that list things answer:
 * {"object":"list","data":[...],"first_id","last_id","has_more"}. */
#pragma once
#include "base/buffer.h"

enum { ADMIN_PAGE = 50, ADMIN_PAGE_MAX = 200 }; /* `limit` of a list; its default and its most */

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
