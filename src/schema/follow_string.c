/* Strings. One that came whole is checked as a cell; only if it does not hold, or came in parts,
 * its bytes are looked at as they come. */
#include "schema/follow.h"

/* A part of a string, and all of the string up to its end. */
struct string_part {
    struct text text, so_far; /* so_far: only if some task needs it */
    size_t byte;              /* of its first byte; where it was an escape, of the last */
    bool escape;
    uint64_t points, points_before; /* code points that begin in it, and before it */
};

static size_t byte_of(const struct string_part *part, size_t offset)
{
    return part->byte + (part->escape ? 0 : offset);
}

static bool begins_code_point(char byte)
{
    return ((unsigned char)byte & 0xC0) != 0x80;
}

static void check_length(struct schema_follower *f, const struct follow_task *task,
                         const struct string_part *part)
{
    uint64_t left = task->most - part->points_before; /* of this part may be there */
    size_t at = 0;

    if (part->points <= left)
        return;
    while (!begins_code_point(part->text.at[at]) || left-- > 0)
        at++;
    follow_fail(f, task->world, byte_of(part, at), KEYWORD_MAX_LENGTH);
}

static void check_choice(struct schema_follower *f, const struct follow_task *task,
                         const struct string_part *part)
{
    const struct choice *choice = task->from->choice;
    size_t same = follow_common(choice->slots, choice->slot_count, part->so_far);

    if (same < part->so_far.len)
        follow_fail(f, task->world, byte_of(part, same - (part->so_far.len - part->text.len)),
                    (enum keyword)task->keyword);
}

static void check_pattern(struct schema_follower *f, struct follow_task *task,
                          const struct string_part *part)
{
    size_t decided;

    if (pattern_walk_feed(&task->walk, part->text, &decided) == PATTERN_DEAD)
        follow_fail(f, task->world, byte_of(part, decided > 0 ? decided - 1 : 0), KEYWORD_PATTERN);
}

static void take_part(struct schema_follower *f, const struct string_part *part)
{
    for (size_t i = follow_top(f)->tasks_from; i < f->task_count; i++) {
        struct follow_task *task = &f->tasks[i];

        if (!follow_alive(f, task->world))
            continue;
        if (task->kind == TASK_LENGTH)
            check_length(f, task, part);
        if (task->kind == TASK_CHOICE)
            check_choice(f, task, part);
        if (task->kind == TASK_PATTERN)
            check_pattern(f, task, part);
    }
}

static bool task_holds(struct schema_follower *f, struct follow_task *task, uint64_t points)
{
    struct text text = f->push.text;

    switch ((enum follow_task_kind)task->kind) {
    case TASK_LENGTH:
        return points >= task->least;
    case TASK_CHOICE:
        return name_table_find(&task->from->choice->table, task->from->choice->slots, text) !=
               UINT32_MAX;
    case TASK_PATTERN:
        return pattern_walk_end(&task->walk);
    case TASK_REGEX:
        return assert_pattern(&f->run, task->from->pattern, text);
    case TASK_FORMAT:
        return assert_format(&f->run, task->from->format, text);
    case TASK_WHOLE:
        return follow_holds(f, task->node);
    default:
        return true;
    }
}

/* The string ends, after so many code points. */
static void finish(struct schema_follower *f, uint64_t points)
{
    for (size_t i = follow_top(f)->tasks_from; i < f->task_count; i++) {
        struct follow_task *task = &f->tasks[i];

        if (!task_holds(f, task, points))
            follow_fail(f, task->world, f->push.byte, (enum keyword)task->keyword);
    }
    follow_settle(f, f->push.byte);
}

/* Only a count of code points and automata do without the whole string. */
static bool needs_all(const struct follow_task *task)
{
    return task->kind != TASK_LENGTH && task->kind != TASK_PATTERN;
}

/* Parts are looked at only by who can refuse one. */
static uint64_t points_quiet(const struct follow_task *task)
{
    if (task->kind == TASK_LENGTH)
        return task->most;
    return task->kind == TASK_CHOICE || task->kind == TASK_PATTERN ? 0 : UINT64_MAX;
}

/* Whether any string will do. */
static bool accepts_all(const struct schema_follower *f)
{
    for (size_t i = 0; i < f->value_count; i++) {
        if (follow_entry(f, f->values[i].node, CELL_STRING) != ENTRY_ACCEPT)
            return false;
    }
    return true;
}

void follow_string_start(struct schema_follower *f)
{
    struct json_push *push = &f->push;

    push->told_above = UINT64_MAX;
    f->any_string = accepts_all(f);
    if (f->any_string) {
        f->value_count = 0;
        return;
    }
    follow_open(f, CELL_STRING, push->start);
    for (size_t i = follow_top(f)->tasks_from; i < f->task_count; i++) {
        uint64_t quiet = points_quiet(&f->tasks[i]);

        if (needs_all(&f->tasks[i]))
            json_push_gather(push);
        push->told_above = quiet < push->told_above ? quiet : push->told_above;
    }
}

void follow_string_part(struct schema_follower *f)
{
    const struct json_push *push = &f->push;
    struct string_part part = {.text = push->part,
                               .so_far = buffer_text(&push->token),
                               .byte = push->part_byte,
                               .escape = push->escape,
                               .points = push->part_points,
                               .points_before = push->points - push->part_points};

    take_part(f, &part);
}

static bool all_hold(struct schema_follower *f)
{
    for (size_t i = 0; i < f->value_count; i++) {
        if (follow_alive(f, f->values[i].world) && !follow_holds(f, f->values[i].node))
            return false;
    }
    return true;
}

/* One that came whole and does not hold: finds the byte that decides. */
static void refuse(struct schema_follower *f)
{
    struct string_part all = {.text = f->push.text,
                              .so_far = f->push.text,
                              .byte = f->push.start + 1,
                              .points = count_code_points(f->push.text)};

    follow_open(f, CELL_STRING, f->push.start);
    take_part(f, &all);
    finish(f, all.points);
}

void follow_string(struct schema_follower *f)
{
    if (f->push.parts && !f->any_string)
        finish(f, f->push.points);
    else if (f->push.parts || all_hold(f))
        f->value_count = 0;
    else
        refuse(f);
}
