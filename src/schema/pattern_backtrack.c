/* The library compiles what the front end emits, and matches within limits; machine code is used
 * where the library can make it. That keeps no count of its memory, so its stack is ours and as
 * large as the heap may be. Without machine code the library's limits do not bound the time that
 * simple repetitions take from every place of a long text, so long texts are given up at once. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "schema/pattern_backtrack.h"

#include "base/check.h"

#include <stdio.h>

struct backtracker {
    pcre2_code *code;
    pcre2_match_context *limits;
    bool machine_code;
};

/* What the matches of one scratch share. */
struct matching {
    pcre2_match_data *data;
    pcre2_match_context *limits; /* with the stack */
};

enum { STACK_BYTES_FIRST = 32 << 10, INTERPRETED_BYTES_MAX = 4096 };

static void undo_code(void *code)
{
    pcre2_code_free(code);
}

static void undo_limits(void *limits)
{
    pcre2_match_context_free(limits);
}

/* Never with Unicode properties for \d, \w and \b: they are ASCII in ECMAScript. */
static const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF |
                                PCRE2_NEVER_BACKSLASH_C | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_NEVER_UCP;

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
                 "a look-behind here must have a fixed length");
        break;
    case PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY:
    case PCRE2_ERROR_MALFORMED_UNICODE_PROPERTY:
        snprintf(out_problem->message, sizeof out_problem->message,
                 "a script or property in it is not known here");
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

static pcre2_match_context *new_limits(void)
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);

    CHECK(limits != NULL);
    pcre2_set_match_limit(limits, PATTERN_MATCH_LIMIT);
    pcre2_set_heap_limit(limits, PATTERN_HEAP_KIB);
    return limits;
}

struct backtracker *backtracker_new(const struct pattern_node *tree, struct text source,
                                    struct arena *arena, struct pattern_problem *out_problem)
{
    struct arena scratch = {0};
    pcre2_code *code = compile(source, pattern_emit(tree, &scratch), out_problem);
    struct backtracker *backtracker;

    arena_release(&scratch);
    if (code == NULL)
        return NULL;
    backtracker = ARENA_NEW(arena, struct backtracker);
    *backtracker = (struct backtracker){.code = code, .limits = new_limits()};
    arena_defer(arena, undo_code, code);
    arena_defer(arena, undo_limits, backtracker->limits);
    backtracker->machine_code = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
    return backtracker;
}

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

    if (matching == NULL) {
        pcre2_general_context *memory =
            pcre2_general_context_create(take_memory, leave_memory, scratch->arena);

        matching = ARENA_NEW(scratch->arena, struct matching);
        matching->data = pcre2_match_data_create(1, memory);
        scratch->memory = matching;
    }
    return matching;
}

static void undo_stack(void *stack)
{
    pcre2_jit_stack_free(stack);
}

/* Limits with a stack for machine code, made for the first match that needs more than it has. */
static pcre2_match_context *limits_with_stack(struct matching *matching, struct arena *arena)
{
    pcre2_jit_stack *stack;

    if (matching->limits != NULL)
        return matching->limits;
    matching->limits = new_limits();
    stack = pcre2_jit_stack_create(STACK_BYTES_FIRST, (size_t)PATTERN_HEAP_KIB << 10, NULL);
    CHECK(stack != NULL);
    pcre2_jit_stack_assign(matching->limits, NULL, stack);
    arena_defer(arena, undo_stack, stack);
    arena_defer(arena, undo_limits, matching->limits);
    return matching->limits;
}

static int run_machine_code(const struct backtracker *it, struct text subject,
                            struct pattern_scratch *scratch)
{
    struct matching *matching = matching_of(scratch);
    PCRE2_SPTR at = (PCRE2_SPTR)subject.at;
    int result = pcre2_jit_match(it->code, at, subject.len, 0, 0, matching->data, it->limits);

    if (result == PCRE2_ERROR_JIT_STACKLIMIT)
        result = pcre2_jit_match(it->code, at, subject.len, 0, 0, matching->data,
                                 limits_with_stack(matching, scratch->arena));
    return result;
}

static int interpret(const struct backtracker *it, struct text subject,
                     struct pattern_scratch *scratch)
{
    if (subject.len > INTERPRETED_BYTES_MAX)
        return PCRE2_ERROR_MATCHLIMIT;
    return pcre2_match(it->code, (PCRE2_SPTR)subject.at, subject.len, 0,
                       PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, matching_of(scratch)->data, it->limits);
}

enum pattern_verdict backtracker_match(const struct backtracker *it, struct text subject,
                                       struct pattern_scratch *scratch)
{
    int result;

    if (subject.at == NULL)
        subject.at = "";
    result =
        it->machine_code ? run_machine_code(it, subject, scratch) : interpret(it, subject, scratch);
    if (result >= 0)
        return PATTERN_MATCHES;
    return result == PCRE2_ERROR_NOMATCH ? PATTERN_DIFFERS : PATTERN_GAVE_UP;
}
