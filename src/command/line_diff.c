/* Myers, "An O(ND) difference algorithm and its variations" (1986): paths through the grid of both
 * texts' lines, by how many lines they remove or add. What both begin and end with is set aside
 * first. */
#include "command/line_diff.h"

#include "base/check.h"

enum { AROUND = 3 };

struct lines {
    struct text *items;
    bool *marked; /* removed, or added */
    size_t count;
    bool cut; /* the last has no line break */
};

struct differ {
    struct arena arena;
    struct lines old, new;
    struct buffer *out;
};

static struct lines split(struct arena *arena, struct text text)
{
    struct lines lines = {0};
    size_t count = 1;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n';
    lines.items = ARENA_ARRAY(arena, struct text, count);
    lines.marked = ARENA_ARRAY(arena, bool, count);
    lines.cut = text.len > 0 && text.at[text.len - 1] != '\n';
    while (text.len > 0) {
        size_t len = text_find_byte(text, '\n');

        lines.items[lines.count++] = text_first(text, len);
        text = text_after(text, len < text.len ? len + 1 : len);
    }
    return lines;
}

/* Whether line i of one is line j of the other; a last line without a break is another one. */
static bool same(const struct differ *differ, size_t i, size_t j)
{
    bool old_cut = differ->old.cut && i + 1 == differ->old.count;
    bool new_cut = differ->new.cut &&j + 1 == differ->new.count;

    return old_cut == new_cut && text_equal(differ->old.items[i], differ->new.items[j]);
}

static void mark(struct lines *lines, size_t from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lines->marked[from + i] = true;
}

/* --- the shortest path between the lines from `at` on, n of the old and m of the new
 * -------------------- */

struct grid {
    const struct differ *differ;
    size_t at, n, m;
    int32_t *rows[LINE_DIFF_MAX + 1]; /* by edits: how far the path on each diagonal has come */
};

static int32_t row_at(const struct grid *grid, int edits, int diagonal)
{
    return grid->rows[edits][(diagonal + edits) / 2];
}

/* Where the path on that diagonal begins with one edit more. */
static int32_t best_before(const struct grid *grid, int edits, int diagonal, bool *out_down)
{
    bool down = diagonal == -edits;

    if (!down && diagonal != edits)
        down = row_at(grid, edits - 1, diagonal - 1) < row_at(grid, edits - 1, diagonal + 1);
    *out_down = down;
    return down ? row_at(grid, edits - 1, diagonal + 1) : row_at(grid, edits - 1, diagonal - 1) + 1;
}

static int32_t slide(const struct grid *grid, int32_t x, int diagonal)
{
    while ((size_t)x < grid->n && (size_t)(x - diagonal) < grid->m && x - diagonal >= 0 &&
           same(grid->differ, grid->at + (size_t)x, grid->at + (size_t)(x - diagonal)))
        x++;
    return x;
}

/* How many edits lead to the end; -1: more than LINE_DIFF_MAX. */
static int search(struct grid *grid, struct arena *arena)
{
    for (int edits = 0; edits <= LINE_DIFF_MAX; edits++) {
        grid->rows[edits] = ARENA_ARRAY(arena, int32_t, (size_t)edits + 1);
        for (int diagonal = -edits; diagonal <= edits; diagonal += 2) {
            bool down;
            int32_t x = edits == 0 ? 0 : best_before(grid, edits, diagonal, &down);

            x = slide(grid, x, diagonal);
            grid->rows[edits][(diagonal + edits) / 2] = x;
            if ((size_t)x >= grid->n && x - diagonal >= (int32_t)grid->m)
                return edits;
        }
    }
    return -1;
}

/* Back from the end, edit by edit. */
static void trace(const struct grid *grid, struct differ *differ, int edits)
{
    int diagonal = (int)grid->n - (int)grid->m;

    for (; edits > 0; edits--) {
        bool down;
        int32_t x = best_before(grid, edits, diagonal, &down);

        if (down)
            mark(&differ->new, grid->at + (size_t)(x - diagonal - 1), 1);
        else
            mark(&differ->old, grid->at + (size_t)(x - 1), 1);
        diagonal += down ? 1 : -1;
    }
}

static void compare(struct differ *differ)
{
    struct grid grid = {.differ = differ};
    size_t old = differ->old.count, new = differ->new.count;
    int edits;

    while (grid.at < old && grid.at < new &&same(differ, grid.at, grid.at))
        grid.at++;
    while (old > grid.at && new > grid.at && same(differ, old - 1, new - 1)) {
        old--;
        new --;
    }
    grid.n = old - grid.at;
    grid.m = new - grid.at;
    CHECK(grid.n < INT32_MAX / 2 && grid.m < INT32_MAX / 2);
    edits = search(&grid, &differ->arena);
    if (edits >= 0) {
        trace(&grid, differ, edits);
    } else {
        mark(&differ->old, grid.at, grid.n);
        mark(&differ->new, grid.at, grid.m);
    }
}

/* --- hunks
 * ------------------------------------------------------------------------------------------------
 */

/* A place in both texts; a step goes over one line of one of them, or of both. */
struct place {
    size_t old, new;
};

static bool at_change(const struct differ *differ, struct place place)
{
    return (place.old < differ->old.count && differ->old.marked[place.old]) ||
           (place.new < differ->new.count && differ->new.marked[place.new]);
}

static bool at_end(const struct differ *differ, struct place place)
{
    return place.old == differ->old.count && place.new == differ->new.count;
}

static char step(const struct differ *differ, struct place *place)
{
    if (place->old < differ->old.count && differ->old.marked[place->old]) {
        place->old++;
        return '-';
    }
    if (place->new < differ->new.count && differ->new.marked[place->new]) {
        place->new ++;
        return '+';
    }
    place->old++;
    place->new ++;
    return ' ';
}

/* The end of the hunk that begins with the change there: up to AROUND lines behind its last change.
 */
static struct place hunk_end(const struct differ *differ, struct place place)
{
    struct place end = place, quiet;

    while (!at_end(differ, place)) {
        size_t lines = 0;

        while (at_change(differ, place))
            step(differ, &place);
        for (quiet = place;
             !at_end(differ, quiet) && !at_change(differ, quiet) && lines < 2 * AROUND; lines++) {
            if (lines < AROUND)
                end = quiet;
            step(differ, &quiet);
            if (lines < AROUND)
                end = quiet;
        }
        if (lines == 0)
            end = place;
        if (at_end(differ, quiet) || !at_change(differ, quiet))
            return end;
        place = quiet;
    }
    return end;
}

static void put_range(struct differ *differ, char sign, size_t from, size_t to)
{
    buffer_printf(differ->out, " %c%zu", sign, to > from ? from + 1 : from);
    if (to - from != 1)
        buffer_printf(differ->out, ",%zu", to - from);
}

static void put_line(struct differ *differ, char sign, const struct lines *lines, size_t i)
{
    buffer_put_byte(differ->out, sign);
    buffer_put(differ->out, lines->items[i]);
    buffer_put_byte(differ->out, '\n');
    if (lines->cut && i + 1 == lines->count)
        buffer_put(differ->out, TEXT("\\ No newline at end of file\n"));
}

static struct place put_hunk(struct differ *differ, struct place change)
{
    size_t before = change.old < AROUND ? change.old : AROUND;
    struct place place = {change.old - before, change.new - before};
    struct place end = hunk_end(differ, change);

    buffer_put(differ->out, TEXT("@@"));
    put_range(differ, '-', place.old, end.old);
    put_range(differ, '+', place.new, end.new);
    buffer_put(differ->out, TEXT(" @@\n"));
    while (place.old < end.old || place.new < end.new) {
        struct place line = place;
        char sign = step(differ, &place);

        put_line(differ, sign, sign == '+' ? &differ->new : &differ->old,
                 sign == '+' ? line.new : line.old);
    }
    return end;
}

void line_diff(struct text old_name, struct text old, struct text new_name, struct text new,
               struct buffer *out)
{
    struct differ differ = {.out = out};
    struct place place = {0};

    if (text_equal(old, new))
        return;
    differ.old = split(&differ.arena, old);
    differ.new = split(&differ.arena, new);
    compare(&differ);
    buffer_printf(out, "--- %.*s\n+++ %.*s\n", TEXT_ARG(old_name), TEXT_ARG(new_name));
    while (!at_end(&differ, place))
        if (at_change(&differ, place))
            place = put_hunk(&differ, place);
        else
            step(&differ, &place);
    arena_release(&differ.arena);
}
