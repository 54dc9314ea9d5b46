/* From the events of the reader to tasks and their ends. */
#include "schema/follow.h"

#include "base/check.h"

struct schema_follower *schema_follow_open(const struct schema *schema,
                                           const struct json_limits *limits, struct arena *arena)
{
    struct schema_follower *f = ARENA_NEW(arena, struct schema_follower);

    f->schema = schema;
    f->arena = arena;
    json_push_init(&f->push, limits, arena);
    run_init(&f->run, schema, &f->scalar, arena, schema->check_steps);
    follow_group(f, GROUP_ANY, 0, 1);
    follow_expect(f, 0, 0);
    return f;
}

static enum keyword keyword_of(const struct follow_task *task)
{
    return (enum keyword)task->keyword;
}

/* As many children as `count` may not be there: ends whoever allows fewer. */
static void refuse_count(struct schema_follower *f, uint64_t count, size_t byte)
{
    for (size_t i = follow_top(f)->tasks_from; i < f->task_count; i++) {
        const struct follow_task *task = &f->tasks[i];

        if ((task->kind == TASK_COUNT || task->kind == TASK_MEMBERS) && task->most < count)
            follow_fail(f, task->world, byte, keyword_of(task));
    }
}

/* A value begins: in an array, what is expected of it follows from its number. */
static void begin_value(struct schema_follower *f)
{
    struct follow_frame *frame = f->frame_count > 0 ? follow_top(f) : NULL;
    uint64_t index;

    if (frame == NULL || !frame->array)
        return;
    index = frame->count++;
    if (frame->count > frame->most)
        refuse_count(f, frame->count, f->push.start);
    for (size_t i = frame->tasks_from; i < f->task_count; i++) {
        const struct follow_task *task = &f->tasks[i];

        if (!follow_alive(f, task->world))
            continue;
        if (task->kind == TASK_ITEMS && index >= task->least)
            follow_expect(f, task->node, task->world);
        if (task->kind == TASK_TUPLE && index < task->from->alternatives->count)
            follow_expect(f, task->from->alternatives->nodes[index], task->world);
    }
}

static void open_container(struct schema_follower *f, bool object)
{
    bool whole = false;

    begin_value(f);
    follow_open(f, object ? CELL_OBJECT : CELL_ARRAY, f->push.start);
    for (size_t i = follow_top(f)->tasks_from; i < f->task_count; i++)
        whole = whole || f->tasks[i].kind == TASK_WHOLE;
    if (whole)
        json_push_collect(&f->push);
    json_push_most(&f->push, follow_top(f)->most);
}

/* Runs a node over what was collected. Verdicts that a run remembers are about its own cells, so
 * each has a memory of its own. */
static bool run_collected(struct schema_follower *f, uint32_t node)
{
    struct document document = json_push_document(&f->push);
    struct arena scratch = {0};
    struct run run;
    bool holds;

    run_init(&run, f->schema, &document, &scratch, f->run.steps_left);
    run.undecided = f->run.undecided;
    holds = run_node(&run, node, f->push.closed) && run.undecided == DECIDED;
    f->run.steps_left = run.steps_left;
    f->run.undecided = run.undecided;
    arena_release(&scratch);
    return holds;
}

static bool container_holds(struct schema_follower *f, const struct follow_task *task)
{
    switch ((enum follow_task_kind)task->kind) {
    case TASK_COUNT:
        return follow_top(f)->count >= task->least;
    case TASK_MEMBERS:
        return task->requested == task->from->members->required_count;
    case TASK_WHOLE:
        return run_collected(f, task->node);
    default:
        return true;
    }
}

static void close_container(struct schema_follower *f)
{
    for (size_t i = follow_top(f)->tasks_from; i < f->task_count; i++) {
        const struct follow_task *task = &f->tasks[i];

        if (follow_alive(f, task->world) && !container_holds(f, task))
            follow_fail(f, task->world, f->push.byte,
                        task->kind == TASK_MEMBERS ? KEYWORD_REQUIRED : keyword_of(task));
    }
    follow_settle(f, f->push.byte);
}

/* A word or a number. */
static void take_scalar(struct schema_follower *f, size_t byte)
{
    for (size_t i = 0; i < f->value_count; i++) {
        struct follow_value value = f->values[i];

        if (follow_alive(f, value.world) && !follow_holds(f, value.node))
            follow_fail(f, value.world, byte, KEYWORD_NONE);
    }
    f->value_count = 0;
}

/* The first byte of a number: whether there may be one at all. */
static void begin_number(struct schema_follower *f)
{
    for (size_t i = 0; i < f->value_count; i++) {
        struct follow_value value = f->values[i];

        if (follow_entry(f, value.node, CELL_INTEGER) == ENTRY_REJECT &&
            follow_entry(f, value.node, CELL_NUMBER) == ENTRY_REJECT &&
            follow_entry(f, value.node, KIND_BIG_INTEGER) == ENTRY_REJECT)
            follow_fail(f, value.world, f->push.start, KEYWORD_TYPE);
    }
}

static void begin_name(struct schema_follower *f)
{
    struct follow_frame *frame = follow_top(f);

    frame->count++;
    if (frame->count > frame->most)
        refuse_count(f, frame->count, f->push.start);
}

/* The part of a name or string that is new, if there is one. */
static void take_part(struct schema_follower *f)
{
    f->now = f->push.part_byte;
    if (f->push.part.len == 0)
        return;
    if (f->push.in_name)
        follow_name_part(f);
    else
        follow_string_part(f);
}

/* The part that comes with a start, unless nobody asked for it. */
static void take_first_part(struct schema_follower *f)
{
    if (f->push.points > f->push.told_above)
        take_part(f);
}

static void take(struct schema_follower *f, enum json_event event)
{
    struct json_push *push = &f->push;

    f->now = push->start;
    switch (event) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        open_container(f, event == JSON_OBJECT);
        break;
    case JSON_CLOSED:
        f->now = push->byte;
        close_container(f);
        break;
    case JSON_COMMA:
        f->now = push->byte;
        refuse_count(f, follow_top(f)->count + 1, push->byte);
        break;
    case JSON_NAME_START:
        begin_name(f);
        follow_name_start(f);
        take_first_part(f);
        break;
    case JSON_NAME:
        if (push->parts)
            f->now = push->part_byte;
        else
            begin_name(f);
        follow_name(f);
        break;
    case JSON_STRING_START:
        begin_value(f);
        follow_string_start(f);
        take_first_part(f);
        break;
    case JSON_STRING:
        if (push->parts)
            take_part(f);
        else
            begin_value(f);
        follow_string(f);
        break;
    case JSON_PART:
        take_part(f);
        break;
    case JSON_WORD:
        begin_value(f);
        take_scalar(f, push->byte);
        break;
    case JSON_NUMBER_START:
        begin_value(f);
        begin_number(f);
        f->begun = true;
        break;
    case JSON_NUMBER:
        if (!f->begun) {
            begin_value(f);
            begin_number(f);
        }
        f->begun = false;
        take_scalar(f, push->byte);
        break;
    case JSON_WHOLE:
    case JSON_MORE:
    case JSON_REFUSED:
        break;
    }
    if (f->run.undecided != DECIDED)
        follow_fail(f, 0, push->byte, KEYWORD_NONE);
}

static bool is_refused(const struct schema_follower *f)
{
    return f->worlds[0].ended_at != FOLLOW_ALIVE;
}

enum following schema_follow(struct schema_follower *f, struct text piece)
{
    enum json_event event;

    if (is_refused(f))
        return FOLLOWING_NEVER;
    if (json_push_feed_quiet(&f->push, piece))
        return FOLLOWING_MAYBE;
    json_push_feed(&f->push, piece);
    while ((event = json_push_next(&f->push)) > JSON_REFUSED) {
        take(f, event);
        if (is_refused(f))
            return FOLLOWING_NEVER;
    }
    if (event == JSON_REFUSED) {
        follow_fail(f, 0, f->push.byte, KEYWORD_NONE);
        return FOLLOWING_NEVER;
    }
    return json_push_whole(&f->push) ? FOLLOWING_FITS : FOLLOWING_MAYBE;
}

enum following schema_follow_end(struct schema_follower *f)
{
    enum json_event event = is_refused(f) ? JSON_REFUSED : json_push_end(&f->push);

    if (event == JSON_NUMBER) {
        take(f, event);
        event = is_refused(f) ? JSON_REFUSED : json_push_end(&f->push);
    }
    if (event == JSON_WHOLE)
        return FOLLOWING_FITS;
    follow_fail(f, 0, f->push.byte, KEYWORD_NONE);
    return FOLLOWING_NEVER;
}

size_t schema_follow_byte(const struct schema_follower *f)
{
    return f->worlds[0].ended_at;
}
