/* The library compiles what the front end emits, and matches within limits; machine code is used
 * where the library can make it. That keeps no count of its memory, so its stack is ours and as
 * large as the heap may be. The library counts how often it tries anew, but not how long it looks
 * each time: simple repeats and references run along the text for free. So it is made to call back
 * before every item of the pattern, and there the work is counted that it may have done since. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "schema/pattern_backtrack.h"

#include "base/check.h"
#include "schema/pattern_part.h"

#include <stdio.h>
#include <stdlib.h>

struct backtracker {
    pcre2_code *code;
    struct text emitted;
    bool machine_code;
    uint64_t item_work; /* of trying an item, without what can be seen from how far it came */
    uint64_t code_point_work;
};

/* What the matches of one scratch share. */
struct matching {
    pcre2_match_data *data;
    pcre2_match_context *limits;
    bool has_stack;
    const struct backtracker *backtracker; /* of the match that runs */
    uint64_t work;
    size_t at;
};

/* Work is counted in sixteenths of one step, which is about what a code point takes. */
enum { STEP_WORK = 16, INTERPRETED_SLOWER = 4, RANGES_A_CODE_POINT = 4 };
enum { STACK_BYTES_FIRST = 32 << 10 };
#define WORK_MAX ((uint64_t)PATTERN_MATCH_LIMIT * STEP_WORK)

static void undo_code(void *code)
{
    pcre2_code_free(code);
}

/* Never with Unicode properties for \d, \w and \b: they are ASCII in ECMAScript. */
static const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF |
                                PCRE2_NEVER_BACKSLASH_C | PCRE2_ALLOW_EMPTY_CLASS |
                                PCRE2_NEVER_UCP | PCRE2_AUTO_CALLOUT;

/* The library's complaint is about what was emitted, so it is told about the whole pattern. */
static pcre2_code *compile(struct text source, struct text emitted,
                           struct pattern_problem *out_problem)
{
    PCRE2_SIZE offset = 0;
    int error = 0;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)emitted.at, emitted.len, options, &error, &offset, NULL);

    if (code != NULL)
        return code;
    *out_problem = (struct pattern_problem){.len = source.len};
    switch (error) {
    case PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH:
        snprintf(out_problem->message, sizeof out_problem->message,
                 "a look-behind must have a fixed length, other than before '$'");
        break;
    case PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY:
    case PCRE2_ERROR_MALFORMED_UNICODE_PROPERTY:
        snprintf(out_problem->message, sizeof out_problem->message,
                 "a script or property is not known here: list its code points instead");
        break;
    default: {
        PCRE2_UCHAR text[96];

        pcre2_get_error_message(error, text, sizeof text);
        snprintf(out_problem->message, sizeof out_problem->message, "it cannot be compiled: %s",
                 (const char *)text);
    }
    }
    return NULL;
}

/* --- the work of a match --- */

/* What a pattern has that makes trying an item, or looking at a code point, take longer. */
struct burden {
    uint64_t scan; /* code points that may be looked at in vain and unseen */
    uint64_t ranges;
    uint64_t groups;
};

static void find_burden(struct burden *it, const struct pattern_node *node)
{
    uint64_t scan = 0, ranges = 0;

    if (node->form == FORM_SET) {
        ranges = node->set->count;
        for (const struct code_property *each = node->set->properties; each; each = each->next)
            ranges += RANGES_A_CODE_POINT;
    } else if (node->form == FORM_REPEAT) {
        scan = node->first_child->form == FORM_SET ? node->least : 0;
    } else if (node->form == FORM_BEHIND) {
        scan = pattern_length(node->first_child).most;
    } else if (node->form == FORM_GROUP) {
        it->groups += node->number > 0;
    }
    it->scan = scan > it->scan ? scan : it->scan;
    it->ranges = ranges > it->ranges ? ranges : it->ranges;
    for (const struct pattern_node *child = node->first_child; child != NULL; child = child->next)
        find_burden(it, child);
}

/* The bytes that the item compares if it is a reference to a group. */
static size_t referred_bytes(const struct backtracker *it, const pcre2_callout_block *block)
{
    static const char reference[] = "\\g{"; /* as it is emitted */
    const char *item = it->emitted.at + block->pattern_position;
    unsigned long group;

    if (it->emitted.len - block->pattern_position < sizeof reference ||
        memcmp(item, reference, sizeof reference - 1) != 0)
        return 0;
    group = strtoul(item + sizeof reference - 1, NULL, 10);
    if (group >= block->capture_top || block->offset_vector[2 * group] == PCRE2_UNSET)
        return 0;
    return block->offset_vector[2 * group + 1] - block->offset_vector[2 * group];
}

/* Called before every item of the pattern. */
static int count_work(pcre2_callout_block *block, void *data)
{
    struct matching *matching = data;
    const struct backtracker *it = matching->backtracker;
    size_t at = block->current_position, passed = at > matching->at ? at - matching->at : 0;

    matching->at = at;
    matching->work += it->item_work + passed * it->code_point_work + referred_bytes(it, block);
    return matching->work > WORK_MAX ? PCRE2_ERROR_CALLOUT : 0;
}

struct backtracker *backtracker_new(const struct pattern_node *tree, struct text source,
                                    struct arena *arena, struct pattern_problem *out_problem)
{
    struct text emitted = pattern_emit(tree, arena);
    pcre2_code *code = compile(source, emitted, out_problem);
    struct burden burden = {0};
    struct backtracker *it;

    if (code == NULL)
        return NULL;
    find_burden(&burden, tree);
    it = ARENA_NEW(arena, struct backtracker);
    *it = (struct backtracker){.code = code, .emitted = emitted};
    it->code_point_work = 1 + burden.ranges / RANGES_A_CODE_POINT;
    it->item_work = STEP_WORK + burden.groups + burden.scan * it->code_point_work;
    arena_defer(arena, undo_code, code);
    it->machine_code = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
    if (!it->machine_code) {
        it->code_point_work *= INTERPRETED_SLOWER;
        it->item_work *= INTERPRETED_SLOWER;
    }
    return it;
}

/* --- matching --- */

static void *take_memory(size_t bytes, void *arena)
{
    return arena_alloc(arena, bytes);
}

static void leave_memory(void *memory, void *arena)
{
    (void)memory;
    (void)arena; /* the arena's end is the memory's */
}

/* Results, which are not asked for, are kept in the scratch's arena. */
static struct matching *matching_of(struct pattern_scratch *scratch)
{
    struct matching *matching = scratch->memory;
    pcre2_general_context *memory;

    if (matching != NULL)
        return matching;
    memory = pcre2_general_context_create(take_memory, leave_memory, scratch->arena);
    matching = ARENA_NEW(scratch->arena, struct matching);
    matching->data = pcre2_match_data_create(1, memory);
    matching->limits = pcre2_match_context_create(memory);
    pcre2_set_match_limit(matching->limits, PATTERN_MATCH_LIMIT);
    pcre2_set_heap_limit(matching->limits, PATTERN_HEAP_KIB);
    pcre2_set_callout(matching->limits, count_work, matching);
    scratch->memory = matching;
    return matching;
}

static void undo_stack(void *stack)
{
    pcre2_jit_stack_free(stack);
}

/* A stack for machine code, made for the first match that needs more than it has. */
static void give_stack(struct matching *matching, struct arena *arena)
{
    pcre2_jit_stack *stack =
        pcre2_jit_stack_create(STACK_BYTES_FIRST, (size_t)PATTERN_HEAP_KIB << 10, NULL);

    CHECK(stack != NULL);
    pcre2_jit_stack_assign(matching->limits, NULL, stack);
    arena_defer(arena, undo_stack, stack);
    matching->has_stack = true;
}

static int run(struct matching *matching, struct text subject)
{
    const struct backtracker *it = matching->backtracker;
    PCRE2_SPTR at = (PCRE2_SPTR)subject.at;

    matching->at = 0;
    if (it->machine_code)
        return pcre2_jit_match(it->code, at, subject.len, 0, 0, matching->data, matching->limits);
    return pcre2_match(it->code, at, subject.len, 0, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                       matching->data, matching->limits);
}

enum pattern_verdict backtracker_match(const struct backtracker *it, struct text subject,
                                       struct pattern_scratch *scratch)
{
    struct matching *matching = matching_of(scratch);
    int result;

    if (subject.at == NULL)
        subject.at = "";
    matching->backtracker = it;
    matching->work = 0;
    result = run(matching, subject);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT && !matching->has_stack) {
        give_stack(matching, scratch->arena);
        result = run(matching, subject);
    }
    scratch->steps += matching->work / STEP_WORK;
    if (result >= 0)
        return PATTERN_MATCHES;
    return result == PCRE2_ERROR_NOMATCH ? PATTERN_DIFFERS : PATTERN_GAVE_UP;
}
