/* From what is expected of a value to the tasks of its frame. This is the one place that knows
 * which keywords can be followed, and how; any other makes its node a task for the value's end. */
#include "schema/follow.h"

#include "schema/append.h"

/* What is being asked: a node and the world it is asked in. */
struct asking {
    struct schema_follower *f;
    unsigned kind;
    size_t start;
    size_t tasks_max; /* count of tasks */
    uint32_t *asked;  /* nodes so far */
};

void follow_expect(struct schema_follower *f, uint32_t node, uint32_t world)
{
    for (size_t i = 0; i < f->value_count; i++) {
        if (f->values[i].node == node && f->values[i].world == world)
            return;
    }
    *APPEND(f->arena, f->values, f->value_count, f->value_room) =
        (struct follow_value){node, world};
}

bool follow_runs(struct schema_follower *f, uint32_t node)
{
    f->scalar = (struct document){.cells = &f->push.cell, .count = 1};
    f->run.document = &f->scalar;
    f->run.cells = f->scalar.cells;
    return run_node(&f->run, node, 0);
}

/* One more task, filled where it lies; NULL when there are too many. */
static struct follow_task *put(const struct asking *it, enum follow_task_kind kind,
                               const struct instruction *from, uint32_t world)
{
    struct schema_follower *f = it->f;
    struct follow_task *task;

    if (f->task_count >= it->tasks_max)
        return NULL;
    task = APPEND(f->arena, f->tasks, f->task_count, f->task_room);
    task->kind = (uint8_t)kind;
    task->keyword = from->keyword;
    task->world = world;
    task->from = from;
    task->least = 0;
    task->most = UINT64_MAX;
    return task;
}

static bool put_limit(const struct asking *it, const struct instruction *from, uint32_t world,
                      uint64_t least, uint64_t most)
{
    bool string = it->kind == CELL_STRING;
    struct follow_task *task = put(it, string ? TASK_LENGTH : TASK_COUNT, from, world);
    struct follow_frame *frame = follow_top(it->f);

    if (task == NULL)
        return false;
    task->least = least;
    task->most = most;
    if (!string && most < frame->most)
        frame->most = most;
    return true;
}

static bool put_whole(const struct asking *it, uint32_t node, uint32_t world)
{
    static const struct instruction no_keyword = {.keyword = KEYWORD_NONE};
    const struct schema_follower *f = it->f;
    const struct follow_task *last = f->task_count > 0 ? &f->tasks[f->task_count - 1] : NULL;
    struct follow_task *task;

    if (f->task_count > follow_top(it->f)->tasks_from && last->kind == TASK_WHOLE &&
        last->node == node && last->world == world)
        return true;
    task = put(it, TASK_WHOLE, &no_keyword, world);
    if (task == NULL)
        return false;
    task->node = node;
    return true;
}

static bool ask_node(const struct asking *it, uint32_t node, uint32_t world);

/* `anyOf` or `oneOf`, by what its alternatives say about this kind. */
static bool ask_union(const struct asking *it, uint32_t node, const struct instruction *from,
                      uint32_t world)
{
    struct schema_follower *f = it->f;
    const struct alternatives *alternatives = from->alternatives;
    bool one = from->keyword == KEYWORD_ONE_OF;
    bool tagged = it->kind == CELL_OBJECT && alternatives->tag_values != NULL;
    uint32_t live = 0, accepting = 0, last = 0, next;

    for (uint32_t i = 0; i < alternatives->count; i++) {
        uint32_t entry = follow_entry(f, alternatives->nodes[i], it->kind);

        accepting += entry == ENTRY_ACCEPT;
        if (entry != ENTRY_REJECT) {
            live++;
            last = alternatives->nodes[i];
        }
    }
    if (live == 0 || (one && accepting > 1)) {
        follow_fail(f, world, it->start, (enum keyword)from->keyword);
        return true;
    }
    if (live == 1)
        return ask_node(it, last, world);
    if (accepting > 0 && !one)
        return true;
    if (live > (tagged ? FOLLOW_TAGGED_MAX : FOLLOW_ALTERNATIVES_MAX) ||
        f->world_count + live > FOLLOW_WORLDS_MAX)
        return put_whole(it, node, world);
    next = follow_group(f, one ? GROUP_ONE : GROUP_ANY, world, live);
    for (uint32_t i = 0; i < alternatives->count; i++) {
        if (follow_entry(f, alternatives->nodes[i], it->kind) != ENTRY_REJECT &&
            !ask_node(it, alternatives->nodes[i], next++))
            return false;
    }
    return true;
}

static bool ask_not(const struct asking *it, uint32_t node, const struct instruction *from,
                    uint32_t world)
{
    struct schema_follower *f = it->f;
    uint32_t entry = follow_entry(f, from->node, it->kind);

    if (entry == ENTRY_ACCEPT)
        follow_fail(f, world, it->start, KEYWORD_NOT);
    if (entry < ENTRY_FIRST)
        return true;
    if (f->world_count + 1 > FOLLOW_WORLDS_MAX)
        return put_whole(it, node, world);
    return ask_node(it, from->node, follow_group(f, GROUP_NOT, world, 1));
}

static bool ask_if(const struct asking *it, uint32_t node, const struct instruction *from,
                   uint32_t world)
{
    struct schema_follower *f = it->f;
    uint32_t entry = follow_entry(f, from->node, it->kind);
    uint32_t nodes[3] = {from->node, from->condition->then_node, from->condition->else_node};
    uint32_t first;

    if (entry < ENTRY_FIRST)
        return ask_node(it, nodes[entry == ENTRY_ACCEPT ? 1 : 2], world);
    if (f->world_count + 3 > FOLLOW_WORLDS_MAX)
        return put_whole(it, node, world);
    first = follow_group(f, GROUP_IF, world, 3);
    for (uint32_t i = 0; i < 3; i++) {
        if (!ask_node(it, nodes[i], first + i))
            return false;
    }
    return true;
}

/* The first item that no value can be; UINT64_MAX when there is none. */
static uint64_t first_impossible(const struct schema_follower *f, const struct instruction *from)
{
    if (from->keyword == KEYWORD_ITEMS)
        return follow_admits_none(f, from->node) ? from->first : UINT64_MAX;
    for (uint32_t i = 0; i < from->alternatives->count; i++) {
        if (follow_admits_none(f, from->alternatives->nodes[i]))
            return i;
    }
    return UINT64_MAX;
}

static bool ask_items(const struct asking *it, const struct instruction *from, uint32_t world)
{
    uint64_t most = first_impossible(it->f, from);
    struct follow_task *task;

    if (most != UINT64_MAX && !put_limit(it, from, world, 0, most))
        return false;
    if (from->keyword == KEYWORD_PREFIX_ITEMS)
        return put(it, TASK_TUPLE, from, world) != NULL;
    task = put(it, TASK_ITEMS, from, world);
    if (task == NULL)
        return false;
    task->node = from->node;
    task->least = from->first;
    return true;
}

static bool ask_members(const struct asking *it, const struct instruction *from, uint32_t world)
{
    struct schema_follower *f = it->f;
    const struct members *members = from->members;
    struct follow_frame *frame = follow_top(f);
    struct follow_task *task;

    for (size_t i = f->task_count; i > frame->tasks_from; i--) {
        const struct follow_task *same = &f->tasks[i - 1];

        if (same->kind == TASK_MEMBERS && same->from->members == members && same->world == world)
            return true; /* all its keywords share one */
    }
    task = put(it, TASK_MEMBERS, from, world);
    if (task == NULL)
        return false;
    task->expected = task->requested = 0;
    task->closed = members->additional != NODE_NONE && follow_admits_none(f, members->additional);
    frame->closed = frame->closed || task->closed;
    if (task->closed && members->rule_count == 0) {
        task->most = members->declared_count;
        frame->most = task->most < frame->most ? task->most : frame->most;
    }
    return true;
}

static bool ask_limit(const struct asking *it, const struct instruction *from, uint32_t world)
{
    bool least = from->keyword == KEYWORD_MIN_LENGTH || from->keyword == KEYWORD_MIN_ITEMS ||
                 from->keyword == KEYWORD_MIN_PROPERTIES;

    return put_limit(it, from, world, least ? from->count : 0, least ? UINT64_MAX : from->count);
}

static bool ask_text(const struct asking *it, enum follow_task_kind kind,
                     const struct instruction *from, uint32_t world)
{
    return put(it, kind, from, world) != NULL;
}

static bool ask_pattern(const struct asking *it, const struct instruction *from, uint32_t world)
{
    struct follow_task *task;

    if (!pattern_is_automaton(from->pattern))
        return ask_text(it, TASK_REGEX, from, world);
    task = put(it, TASK_PATTERN, from, world);
    if (task != NULL &&
        pattern_walk_start(&task->walk, from->pattern, &it->f->run.patterns) == PATTERN_DEAD)
        follow_fail(it->f, world, it->start, KEYWORD_PATTERN);
    return task != NULL;
}

static bool ask_instruction(const struct asking *it, uint32_t node, const struct instruction *from,
                            uint32_t world)
{
    bool holds = true;

    switch ((enum keyword)from->keyword) {
    case KEYWORD_TYPE: /* of containers and strings, the entries know */
        return true;
    case KEYWORD_REF:
    case KEYWORD_DYNAMIC_REF:
        return ask_node(it, from->node, world);
    case KEYWORD_ALL_OF:
        for (uint32_t i = 0; i < from->alternatives->count && holds; i++)
            holds = ask_node(it, from->alternatives->nodes[i], world);
        return holds;
    case KEYWORD_ANY_OF:
    case KEYWORD_ONE_OF:
        return ask_union(it, node, from, world);
    case KEYWORD_NOT:
        return ask_not(it, node, from, world);
    case KEYWORD_IF:
        return ask_if(it, node, from, world);
    case KEYWORD_PROPERTIES:
    case KEYWORD_PATTERN_PROPERTIES:
    case KEYWORD_ADDITIONAL_PROPERTIES:
    case KEYWORD_PROPERTY_NAMES:
    case KEYWORD_REQUIRED:
        return ask_members(it, from, world);
    case KEYWORD_PREFIX_ITEMS:
    case KEYWORD_ITEMS:
        return ask_items(it, from, world);
    case KEYWORD_MIN_LENGTH:
    case KEYWORD_MAX_LENGTH:
    case KEYWORD_MIN_ITEMS:
    case KEYWORD_MAX_ITEMS:
    case KEYWORD_MIN_PROPERTIES:
    case KEYWORD_MAX_PROPERTIES:
        return ask_limit(it, from, world);
    case KEYWORD_PATTERN:
        return ask_pattern(it, from, world);
    case KEYWORD_FORMAT:
        return ask_text(it, TASK_FORMAT, from, world);
    case KEYWORD_ENUM:
    case KEYWORD_CONST:
        return it->kind == CELL_STRING ? ask_text(it, TASK_CHOICE, from, world)
                                       : put_whole(it, node, world);
    default:
        return put_whole(it, node, world);
    }
}

/* False when there are too many tasks, or too many nodes: two references to a schema that has two
 * references itself, and so on, lead to it more often than can be counted. Recursion is bounded:
 * the compiler has refused deep nesting of schemas that look at the same value. */
static bool ask_node(const struct asking *it, uint32_t node, uint32_t world)
{
    uint32_t entry = follow_entry(it->f, node, it->kind);
    const struct node *asked = &it->f->schema->nodes[node == NODE_NONE ? 0 : node];

    if (++*it->asked > FOLLOW_ASKED_MAX)
        return false;
    if (entry == ENTRY_REJECT)
        follow_fail(it->f, world, it->start, KEYWORD_TYPE);
    if (entry < ENTRY_FIRST)
        return true;
    for (uint32_t i = 0; i < asked->plain_count; i++) {
        if ((asked->plain[i].kinds & KIND_BIT(it->kind)) != 0 &&
            !ask_instruction(it, node, &asked->plain[i], world))
            return false;
    }
    return true;
}

void follow_open(struct schema_follower *f, unsigned kind, size_t start)
{
    uint32_t asked = 0;
    struct asking it = {f, kind, start, f->task_count + FOLLOW_TASKS_MAX, &asked};

    *APPEND(f->arena, f->frames, f->frame_count, f->frame_room) =
        (struct follow_frame){.tasks_from = f->task_count,
                              .worlds_from = f->world_count,
                              .groups_from = f->group_count,
                              .most = UINT64_MAX,
                              .array = kind == CELL_ARRAY};
    for (size_t i = 0; i < f->value_count; i++) {
        struct follow_value value = f->values[i];
        size_t tasks = f->task_count, worlds = f->world_count, groups = f->group_count;

        if (!follow_alive(f, value.world) || ask_node(&it, value.node, value.world))
            continue;
        f->task_count = tasks;
        f->world_count = worlds;
        f->group_count = groups;
        it.tasks_max = SIZE_MAX;
        put_whole(&it, value.node, value.world);
        it.tasks_max = f->task_count;
    }
    f->value_count = 0;
}
