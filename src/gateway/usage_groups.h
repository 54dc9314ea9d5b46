/* gateway/usage_groups.h
 * Sums of usage as they are shown: as a page of a list, or as a file. */
#pragma once
#include "gateway/format.h"

/* What is sorted and written in one turn of a worker's loop. */
enum { USAGE_GROUPS_MAX = 5000 };

struct usage_list {
    const struct usage_query *query;   /* which days they are of */
    const bool *by;                    /* by enum usage_name: what the groups are told apart by */
    const struct usage_record *groups; /* sorted */
    size_t count;
};

/* By their names, the day first. */
void usage_groups_sort(struct usage_record *groups, size_t count);
struct usage_groups_page {
    size_t limit;
    struct text after; /* an id; empty: from the first */
};
/* The list behind page->after, at most page->limit groups; an id is the group's names with '|'
 * between them. */
void usage_groups_list(const struct usage_list *list, const struct usage_groups_page *page,
                       struct buffer *out);
/* All of them, JSONL or CSV. */
void usage_groups_file(const struct usage_list *list, enum format format, struct buffer *out);
/* The members that are sums, money as decimal strings in dollars: `"calls":1,...`. */
void usage_put_sums(struct buffer *out, const int64_t sums[USAGE_SUM_COUNT]);
