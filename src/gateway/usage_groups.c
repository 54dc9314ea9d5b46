#include "gateway/usage_groups.h"

#include "document/json_write.h"
#include "journal/csv.h"

#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const struct usage_record *one = a, *other = b;
    int order = 0;

    for (size_t i = 0; i < USAGE_NAME_COUNT && order == 0; i++)
        order = text_compare(one->names[i], other->names[i]);
    return order;
}

void usage_groups_sort(struct usage_record *groups, size_t count)
{
    if (count > 0)
        qsort(groups, count, sizeof *groups, compare);
}

static bool is_money(enum usage_sum sum)
{
    return sum == USAGE_COST || sum == USAGE_BILLED;
}

/* "cost_usd" for nano-dollars that are shown as dollars. */
static const char *shown_word(enum usage_sum sum)
{
    return sum == USAGE_COST     ? "cost_usd"
           : sum == USAGE_BILLED ? "billed_usd"
                                 : usage_sum_word(sum);
}

void usage_put_sums(struct buffer *out, const int64_t sums[USAGE_SUM_COUNT])
{
    for (size_t i = 0; i < USAGE_SUM_COUNT; i++) {
        json_put_name(out, shown_word((enum usage_sum)i));
        if (is_money((enum usage_sum)i)) {
            buffer_put_byte(out, '"');
            json_put_nano(out, sums[i]);
            buffer_put_byte(out, '"');
        } else {
            buffer_put_i64(out, sums[i]);
        }
    }
}

static void put_id(const struct usage_list *list, const struct usage_record *group,
                   struct buffer *out)
{
    size_t before = out->len;

    for (size_t i = 0; i < USAGE_NAME_COUNT; i++) {
        if (!list->by[i])
            continue;
        if (out->len > before)
            buffer_put_byte(out, '|');
        buffer_put(out, group->names[i]);
    }
    if (out->len == before)
        buffer_put(out, TEXT("total"));
}

static void put_group(const struct usage_list *list, const struct usage_record *group,
                      struct text id, struct buffer *out)
{
    buffer_put(out, TEXT("{\"object\":\"usage\""));
    json_put_text(out, "id", id);
    for (size_t i = 0; i < USAGE_NAME_COUNT; i++) {
        if (!list->by[i])
            continue;
        json_put_text(out, usage_name_word((enum usage_name)i), group->names[i]);
    }
    usage_put_sums(out, group->all);
    json_put_name(out, "estimated");
    buffer_put_byte(out, '{');
    usage_put_sums(out, group->estimated);
    buffer_put(out, TEXT("}}"));
}

static void put_last(struct buffer *out, const char *name, struct text id, bool any)
{
    json_put_name(out, name);
    if (any)
        json_put_string(out, id);
    else
        buffer_put(out, TEXT("null"));
}

void usage_groups_list(const struct usage_list *list, const struct usage_groups_page *page,
                       struct buffer *out)
{
    struct buffer id = buffer_in(out->arena);
    struct text first = {0}, last = {0};
    size_t at = 0, count = 0;
    bool found = page->after.len == 0;

    for (; !found && at < list->count; at++) {
        id.len = 0;
        put_id(list, &list->groups[at], &id);
        found = text_equal(buffer_text(&id), page->after);
    }
    buffer_put(out, TEXT("{\"object\":\"list\",\"from\":"));
    json_put_string(out, list->query->from_day);
    json_put_text(out, "to", list->query->to_day);
    buffer_put(out, TEXT(",\"data\":["));
    for (; at < list->count && count < page->limit; at++) {
        id.len = 0;
        put_id(list, &list->groups[at], &id);
        last = arena_copy(out->arena, buffer_text(&id));
        if (count++ == 0)
            first = last;
        else
            buffer_put_byte(out, ',');
        put_group(list, &list->groups[at], last, out);
    }
    buffer_put_byte(out, ']');
    put_last(out, "first_id", first, count > 0);
    put_last(out, "last_id", last, count > 0);
    buffer_put(out, at < list->count ? TEXT(",\"has_more\":true}") : TEXT(",\"has_more\":false}"));
}

/* --- files
 * -----------------------------------------------------------------------------------------------
 */

static void put_head(const struct usage_list *list, struct buffer *out)
{
    char name[64];

    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        if (list->by[i])
            csv_put_plain(out, text_of(usage_name_word((enum usage_name)i)));
    for (size_t i = 0; i < USAGE_SUM_COUNT; i++)
        csv_put_plain(out, text_of(shown_word((enum usage_sum)i)));
    for (size_t i = 0; i < USAGE_SUM_COUNT; i++) {
        snprintf(name, sizeof name, "estimated_%s", shown_word((enum usage_sum)i));
        csv_put_plain(out, text_of(name));
    }
    csv_end(out);
}

static void put_columns(struct buffer *out, const int64_t sums[USAGE_SUM_COUNT])
{
    for (size_t i = 0; i < USAGE_SUM_COUNT; i++) {
        struct buffer number = {0};

        if (is_money((enum usage_sum)i))
            json_put_nano(&number, sums[i]);
        else
            buffer_put_i64(&number, sums[i]);
        csv_put_plain(out, buffer_text(&number));
        buffer_release(&number);
    }
}

static void put_line(const struct usage_list *list, const struct usage_record *group,
                     struct buffer *out)
{
    for (size_t i = 0; i < USAGE_NAME_COUNT; i++)
        if (list->by[i])
            csv_put_text(out, group->names[i]);
    put_columns(out, group->all);
    put_columns(out, group->estimated);
    csv_end(out);
}

void usage_groups_file(const struct usage_list *list, enum format format, struct buffer *out)
{
    if (format == FORMAT_CSV)
        put_head(list, out);
    for (size_t i = 0; i < list->count; i++) {
        struct buffer id = buffer_in(out->arena);

        if (format == FORMAT_CSV) {
            put_line(list, &list->groups[i], out);
            continue;
        }
        put_id(list, &list->groups[i], &id);
        put_group(list, &list->groups[i], buffer_text(&id), out);
        buffer_put_byte(out, '\n');
    }
}
