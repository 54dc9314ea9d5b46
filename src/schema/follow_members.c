/* Names. One that no declared name begins with is refused where it leaves them all, if only
 * declared ones may be there. */
#include "schema/follow.h"

enum { NAME_WALKED_MAX = 256 }; /* bytes of a name; a longer one is decided at its end */

static size_t common(struct text a, struct text b)
{
    size_t len = a.len < b.len ? a.len : b.len, same = 0;

    while (same < len && a.at[same] == b.at[same])
        same++;
    return same;
}

size_t follow_common(const struct slot *slots, uint32_t count, struct text text)
{
    size_t most = 0;

    for (uint32_t i = 0; i < count && most < text.len; i++) {
        size_t same = common(slots[i].name, text);

        most = same > most ? same : most;
    }
    return most;
}

/* Likewise among the declared names. */
static size_t common_declared(const struct members *members, struct text text)
{
    size_t most = 0;

    for (uint32_t i = 0; i < members->slot_count && most < text.len; i++) {
        size_t same =
            members->slots[i].node != NODE_NONE ? common(members->slots[i].name, text) : 0;

        most = same > most ? same : most;
    }
    return most;
}

/* Goes on where the rule by which the name passed was left; false when it passes by it no more. */
static bool walk_on(struct schema_follower *f, const struct follow_task *task, struct text name)
{
    struct follow_passing *passing = &f->passing;
    size_t decided;

    if (passing->task != task)
        return false;
    if (pattern_walk_feed(&passing->walk, text_after(name, passing->walked), &decided) ==
        PATTERN_DEAD)
        passing->task = NULL;
    passing->walked = name.len;
    return passing->task != NULL;
}

/* Whether a name so far begins the name that is expected, or passes by the rule it passed by
 * before: then no other needs to be asked. */
static bool passes(struct schema_follower *f, const struct follow_task *task, struct text name)
{
    const struct members *members = task->from->members;
    const struct slot *expected = &members->slots[task->expected];

    if (walk_on(f, task, name))
        return true;
    return task->expected < members->slot_count && expected->node != NODE_NONE &&
           text_equal(text_first(expected->name, name.len), name);
}

/* How many bytes of a name are needed to see that nothing that begins with them may be there; its
 * length when something may. Walking from the start each time is bounded by the length looked at.
 */
static size_t closed_at(struct schema_follower *f, const struct follow_task *task, struct text name)
{
    const struct members *members = task->from->members;
    size_t most = common_declared(members, name);

    for (uint32_t i = 0; i < members->rule_count && most < name.len; i++) {
        const struct pattern *pattern = members->rules[i].pattern;
        struct pattern_walk walk;
        size_t decided = 0;
        bool dead;

        if (!pattern_is_automaton(pattern) || name.len > NAME_WALKED_MAX)
            return name.len;
        dead = pattern_walk_start(&walk, pattern, &f->run.patterns) == PATTERN_DEAD ||
               pattern_walk_feed(&walk, name, &decided) == PATTERN_DEAD;
        if (!dead && pattern_walk_copyable(pattern))
            f->passing = (struct follow_passing){task, name.len, walk};
        pattern_walk_end(&walk);
        if (!dead)
            return name.len;
        most = decided > most + 1 ? decided - 1 : most;
    }
    return most;
}

void follow_name_start(struct schema_follower *f)
{
    f->push.told_above = follow_top(f)->closed ? 0 : UINT64_MAX;
}

/* The byte, in the part that is new, where the name so far leaves all that may be there. */
static size_t byte_in_part(const struct json_push *push, size_t len, size_t same)
{
    size_t before = len - push->part.len;

    return push->part_byte + (push->escape || same < before ? 0 : same - before);
}

void follow_name_part(struct schema_follower *f)
{
    struct text so_far = buffer_text(&f->push.token);

    for (size_t i = follow_top(f)->tasks_from; i < f->task_count; i++) {
        const struct follow_task *task = &f->tasks[i];
        size_t same;

        if (task->kind != TASK_MEMBERS || !task->closed || !follow_alive(f, task->world) ||
            passes(f, task, so_far))
            continue;
        same = closed_at(f, task, so_far);
        if (same < so_far.len)
            follow_fail(f, task->world, byte_in_part(&f->push, so_far.len, same),
                        KEYWORD_ADDITIONAL_PROPERTIES);
    }
}

static void expect(struct schema_follower *f, const struct follow_task *task, uint32_t node)
{
    if (follow_admits_none(f, node))
        follow_fail(f, task->world, f->push.byte, (enum keyword)task->keyword);
    else
        follow_expect(f, node, task->world);
}

/* A name that may not be there, which is known at its end at the latest. */
static void refuse_name(struct schema_follower *f, const struct follow_task *task)
{
    const struct json_push *push = &f->push;
    size_t same = closed_at(f, task, push->text), byte = push->byte;

    if (same < push->text.len && !push->parts)
        byte = push->start + 1 + same;
    else if (same < push->text.len && push->part.len > 0)
        byte = byte_in_part(push, push->text.len, same);
    follow_fail(f, task->world, byte, KEYWORD_ADDITIONAL_PROPERTIES);
}

/* Names are short: comparing eight bytes at a time is less than a call. */
static bool same_name(struct text a, struct text b)
{
    size_t i = 0;

    if (a.len != b.len)
        return false;
    for (; i + 8 <= a.len; i += 8) {
        if (name_word(a.at + i, 8) != name_word(b.at + i, 8))
            return false;
    }
    if (a.len >= 8)
        return name_tail(a.at, a.len) == name_tail(b.at, b.len);
    while (i < a.len && a.at[i] == b.at[i])
        i++;
    return i == a.len;
}

static const struct slot *find_slot(struct follow_task *task, struct text name)
{
    const struct members *members = task->from->members;
    uint32_t found = task->expected;

    if (found >= members->slot_count || !same_name(members->slots[found].name, name))
        found = name_table_find(&members->table, members->slots, name);
    if (found == UINT32_MAX)
        return NULL;
    task->expected = found + 1;
    return &members->slots[found];
}

static void take_name(struct schema_follower *f, struct follow_task *task)
{
    const struct members *members = task->from->members;
    const struct slot *slot = find_slot(task, f->push.text);
    bool declared = slot != NULL && slot->node != NODE_NONE;

    if (slot != NULL)
        task->requested += slot->requested != 0;
    if (declared)
        expect(f, task, slot->node);
    for (uint32_t i = 0; i < members->rule_count; i++) {
        if (!assert_pattern(&f->run, members->rules[i].pattern, f->push.text))
            continue;
        declared = true;
        expect(f, task, members->rules[i].node);
    }
    if (!declared && members->additional != NODE_NONE) {
        if (follow_admits_none(f, members->additional))
            refuse_name(f, task);
        else
            follow_expect(f, members->additional, task->world);
    }
    if (members->names != NODE_NONE && !follow_holds(f, members->names))
        follow_fail(f, task->world, f->push.byte, KEYWORD_PROPERTY_NAMES);
}

void follow_name(struct schema_follower *f)
{
    for (size_t i = follow_top(f)->tasks_from; i < f->task_count; i++) {
        if (f->tasks[i].kind == TASK_MEMBERS && follow_alive(f, f->tasks[i].world))
            take_name(f, &f->tasks[i]);
    }
    f->passing.task = NULL;
}
