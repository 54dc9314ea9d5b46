/* Lines that are alike at both ends are left out first. What remains is a longest common
 * subsequence over a table of its lengths, whose size is bounded. */
#include "base/text_diff.h"

enum { CONTEXT = 3, TABLE_MAX = 4 * 1024 * 1024 };

struct lines {
    struct text *items;
    size_t count;
    bool ends; /* with a line break */
};
/* For each line of both texts in order: how it is marked. */
struct step {
    char mark; /* ' ', '-' or '+' */
    uint32_t before, after;
};
struct diff {
    struct arena arena;
    struct lines before, after;
    struct step *steps;
    size_t step_count;
};

static struct lines split(struct arena *arena, struct text text)
{
    struct lines lines = {.ends = text.len == 0 || text.at[text.len - 1] == '\n'};
    size_t count = 1;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n';
    lines.items = ARENA_ARRAY(arena, struct text, count);
    while (text.len > 0)
        lines.items[lines.count++] = text_split(&text, '\n');
    return lines;
}

static void put_step(struct diff *diff, char mark, size_t before, size_t after)
{
    diff->steps[diff->step_count++] = (struct step){mark, (uint32_t)before, (uint32_t)after};
}

/* table[i][j]: how many lines `before` from i on and `after` from j on have in common. */
static uint16_t *measure(struct diff *diff, size_t from, size_t n, size_t m)
{
    size_t width = m + 1;
    uint16_t *table = ARENA_ARRAY(&diff->arena, uint16_t, (n + 1) * width);

    for (size_t i = n; i-- > 0;)
        for (size_t j = m; j-- > 0;) {
            uint16_t down = table[(i + 1) * width + j], right = table[i * width + j + 1];
            bool same = text_equal(diff->before.items[from + i], diff->after.items[from + j]);

            table[i * width + j] = same            ? (uint16_t)(table[(i + 1) * width + j + 1] + 1)
                                   : down >= right ? down
                                                   : right;
        }
    return table;
}

static void find_middle(struct diff *diff, size_t from, size_t n, size_t m)
{
    bool measured = n > 0 && m > 0 && n < UINT16_MAX && (n + 1) * (m + 1) <= TABLE_MAX;
    const uint16_t *table = measured ? measure(diff, from, n, m) : NULL;
    size_t i = 0, j = 0, width = m + 1;

    while (i < n || j < m) {
        bool more = table != NULL && i < n && j < m;

        if (more && text_equal(diff->before.items[from + i], diff->after.items[from + j])) {
            put_step(diff, ' ', from + i, from + j);
            i++;
            j++;
        } else if (i < n && (!more || table[(i + 1) * width + j] >= table[i * width + j + 1])) {
            put_step(diff, '-', from + i, from + j);
            i++;
        } else {
            put_step(diff, '+', from + i, from + j);
            j++;
        }
    }
}

static void find_steps(struct diff *diff)
{
    size_t n = diff->before.count, m = diff->after.count, head = 0, tail = 0;
    size_t most = n < m ? n : m;

    while (head < most && text_equal(diff->before.items[head], diff->after.items[head]))
        head++;
    while (tail < most - head &&
           text_equal(diff->before.items[n - 1 - tail], diff->after.items[m - 1 - tail]))
        tail++;
    diff->steps = ARENA_ARRAY(&diff->arena, struct step, n + m + 1);
    for (size_t i = 0; i < head; i++)
        put_step(diff, ' ', i, i);
    find_middle(diff, head, n - head - tail, m - head - tail);
    for (size_t i = 0; i < tail; i++)
        put_step(diff, ' ', n - tail + i, m - tail + i);
}

static void put_line(const struct diff *diff, const struct step *step, struct buffer *out)
{
    const struct lines *lines = step->mark == '+' ? &diff->after : &diff->before;
    size_t at = step->mark == '+' ? step->after : step->before;

    buffer_put_byte(out, step->mark);
    buffer_put(out, lines->items[at]);
    buffer_put_byte(out, '\n');
    if (at + 1 == lines->count && !lines->ends)
        buffer_put(out, TEXT("\\ No newline at end of file\n"));
}

/* The steps [from, to): changes with the lines around them. An empty side is counted from the line
 * before it. */
static void put_hunk(const struct diff *diff, size_t from, size_t to, struct buffer *out)
{
    size_t before = 0, after = 0;

    for (size_t i = from; i < to; i++) {
        before += diff->steps[i].mark != '+';
        after += diff->steps[i].mark != '-';
    }
    buffer_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", diff->steps[from].before + (size_t)(before > 0),
                  before, diff->steps[from].after + (size_t)(after > 0), after);
    for (size_t i = from; i < to; i++)
        put_line(diff, &diff->steps[i], out);
}

static void put_hunks(const struct diff *diff, struct buffer *out)
{
    for (size_t i = 0; i < diff->step_count; i++) {
        size_t from = i > CONTEXT ? i - CONTEXT : 0, last = i, to;

        if (diff->steps[i].mark == ' ')
            continue;
        for (to = i; to < diff->step_count && to <= last + (size_t)2 * CONTEXT; to++)
            if (diff->steps[to].mark != ' ')
                last = to;
        to = last + 1 + CONTEXT < diff->step_count ? last + 1 + CONTEXT : diff->step_count;
        put_hunk(diff, from, to, out);
        i = to - 1;
    }
}

/* The last lines differ when only one of them has its line break. */
static void tell_ends_apart(struct diff *diff)
{
    struct lines *open = !diff->before.ends ? &diff->before : &diff->after;
    struct text *last;

    if (diff->before.ends == diff->after.ends || open->count == 0)
        return;
    last = &open->items[open->count - 1];
    *last = arena_printf(&diff->arena, "%.*s\n", TEXT_ARG(*last));
}

static void untell(struct diff *diff)
{
    struct lines *all[] = {&diff->before, &diff->after};

    for (size_t i = 0; i < 2; i++)
        if (all[i]->count > 0 && text_ends(all[i]->items[all[i]->count - 1], TEXT("\n")))
            all[i]->items[all[i]->count - 1].len--;
}

void text_diff(struct text before, struct text after, const char *before_name,
               const char *after_name, struct buffer *out)
{
    struct diff diff = {.step_count = 0};

    if (text_equal(before, after))
        return;
    diff.before = split(&diff.arena, before);
    diff.after = split(&diff.arena, after);
    tell_ends_apart(&diff);
    find_steps(&diff);
    untell(&diff);
    buffer_printf(out, "--- %s\n+++ %s\n", before_name, after_name);
    put_hunks(&diff, out);
    arena_release(&diff.arena);
}
