/* A state per place between two tokens, and a token that may be cut. Containers are levels on a
 * stack that is no deeper than the limit. */
#include "document/json_push_internal.h"

#include "base/check.h"
#include "document/json_token.h"
#include "document/names.h"

#include <stdlib.h>

enum { DEPTH_DEFAULT = 128, NODES_BASE = 10000, NODES_BYTES = 32 };

static void release(void *thing)
{
    struct json_push *push = thing;

    free(push->levels);
    free(push->names);
    free(push->name_places);
    free(push->cells);
    buffer_release(&push->token);
    buffer_release(&push->name_bytes);
    arena_release(&push->bytes);
}

void json_push_init(struct json_push *push, const struct json_limits *limits, struct arena *arena)
{
    *push = (struct json_push){.limits = limits ? *limits : (struct json_limits){0}};
    if (push->limits.depth == 0)
        push->limits.depth = DEPTH_DEFAULT;
    if (push->limits.digits == 0)
        push->limits.digits = DIGITS_DEFAULT;
    CHECK(push->limits.depth <= DOCUMENT_DEPTH_MAX);
    arena_defer(arena, release, push);
}

void json_push_feed(struct json_push *push, struct text piece)
{
    CHECK(push->at == push->end || push->state == PUSH_REFUSED);
    push->before += (size_t)(push->end - push->piece);
    push->piece = push->at = piece.len > 0 ? piece.at : "";
    push->end = push->piece + piece.len;
    if (push_byte(push, push->end) > PUSH_BYTES_MAX && push->state != PUSH_REFUSED)
        push_refuse(push, "a shorter text");
}

enum json_event push_refuse(struct json_push *push, const char *expected)
{
    push->byte = push_byte(push, push->at);
    push->expected = expected;
    push->state = PUSH_REFUSED;
    return JSON_REFUSED;
}

void push_ended(struct json_push *push)
{
    push->state = push->depth > 0 ? PUSH_AFTER : PUSH_ENDED;
}

static inline bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* A text of any length may have NODES_BASE; the rest depends on how long it becomes. */
static bool count_node(struct json_push *push)
{
    if (push->limits.nodes != 0 && push->nodes >= push->limits.nodes)
        return false;
    push->nodes++;
    return true;
}

bool json_push_whole(const struct json_push *push)
{
    return push->state == PUSH_BEHIND &&
           (push->limits.nodes != 0 ||
            push->nodes <= NODES_BASE + push_byte(push, push->at) / NODES_BYTES);
}

static enum json_event open_container(struct json_push *push, bool object)
{
    struct json_level *level;

    if (push->depth == push->limits.depth)
        return push_refuse(push, "less nesting");
    if (push->depth == push->level_room) {
        push->level_room = push->level_room ? push->level_room * 2 : 16;
        push->levels = realloc(push->levels, push->level_room * sizeof *push->levels);
        CHECK(push->levels != NULL);
    }
    level = &push->levels[push->depth++];
    *level =
        (struct json_level){.object = object, .most = UINT64_MAX, .names_from = push->name_count};
    push->state = object ? PUSH_NAME_OR_CLOSE : PUSH_VALUE_OR_CLOSE;
    push->start = push->byte = push_byte(push, push->at++);
    if (push->collecting)
        push_collect_opening(push, object);
    return object ? JSON_OBJECT : JSON_ARRAY;
}

static enum json_event close_container(struct json_push *push)
{
    push->byte = push_byte(push, push->at++);
    if (push->collecting)
        push_collect_closing(push);
    push_names_drop(push, &push->levels[--push->depth]);
    push_ended(push);
    return JSON_CLOSED;
}

static enum json_event word_start(struct json_push *push)
{
    char first = *push->at;

    push->word = first == 't' ? TEXT("true") : first == 'f' ? TEXT("false") : TEXT("null");
    push->word = text_after(push->word, 1);
    push->cell =
        (struct cell){.type = first == 'n' ? CELL_NULL : CELL_BOOLEAN, .boolean = first == 't'};
    push->state = PUSH_WORD;
    push->start = push->byte = push_byte(push, push->at++);
    if (push->collecting)
        push_collect_scalar(push, &push->cell);
    return JSON_WORD;
}

/* JSON_WHOLE stands for: go on. */
static enum json_event word_rest(struct json_push *push)
{
    for (; push->word.len > 0 && push->at < push->end; push->at++) {
        if (*push->at != push->word.at[0])
            return push_refuse(push, "one of 'true', 'false' and 'null'");
        push->word = text_after(push->word, 1);
    }
    if (push->word.len > 0)
        return JSON_MORE;
    push_ended(push);
    return JSON_WHOLE;
}

static enum json_event value_start(struct json_push *push)
{
    char byte = *push->at;

    if (byte != '"' && byte != '{' && byte != '[' && byte != 't' && byte != 'f' && byte != 'n' &&
        byte != '-' && (byte < '0' || byte > '9'))
        return push_refuse(push, "a value");
    if (!count_node(push))
        return push_refuse(push, "fewer values and names");
    if (push->depth > 0 && !push->levels[push->depth - 1].object)
        push->levels[push->depth - 1].count++;
    switch (byte) {
    case '"':
        return push_string_start(push, false);
    case '{':
    case '[':
        return open_container(push, byte == '{');
    case 't':
    case 'f':
    case 'n':
        return word_start(push);
    default:
        return push_number_start(push);
    }
}

static enum json_event name_start(struct json_push *push)
{
    if (*push->at != '"')
        return push_refuse(push, "a name in double quotes");
    if (!count_node(push))
        return push_refuse(push, "fewer values and names");
    push->levels[push->depth - 1].count++;
    return push_string_start(push, true);
}

/* What follows a child; JSON_WHOLE stands for: go on. */
static enum json_event following(struct json_push *push)
{
    const struct json_level *level = &push->levels[push->depth - 1];

    if (*push->at == (level->object ? '}' : ']'))
        return close_container(push);
    if (*push->at != ',')
        return push_refuse(push, level->object ? "',' or '}' after a member"
                                               : "',' or ']' after a value");
    push->state = level->object ? PUSH_NAME : PUSH_VALUE;
    push->byte = push_byte(push, push->at++);
    return level->count >= level->most ? JSON_COMMA : JSON_WHOLE;
}

/* Between tokens, at a byte that is no blank. JSON_WHOLE stands for: go on. */
static enum json_event between(struct json_push *push)
{
    switch ((enum push_state)push->state) {
    case PUSH_VALUE_OR_CLOSE:
        return *push->at == ']' ? close_container(push) : value_start(push);
    case PUSH_VALUE:
        return value_start(push);
    case PUSH_NAME_OR_CLOSE:
        return *push->at == '}' ? close_container(push) : name_start(push);
    case PUSH_NAME:
        return name_start(push);
    case PUSH_COLON:
        if (*push->at != ':')
            return push_refuse(push, "':' after a name");
        push->at++;
        push->state = PUSH_VALUE;
        return JSON_WHOLE;
    case PUSH_AFTER:
        return following(push);
    case PUSH_BEHIND:
        return push_refuse(push, "the end of the text after the value");
    default:
        NEVER("a state between no tokens");
    }
}

/* A token that was cut, other than a string. JSON_WHOLE stands for: go on. */
static enum json_event token_rest(struct json_push *push)
{
    if (push->at == push->end)
        return JSON_MORE;
    return push->state == PUSH_WORD ? word_rest(push) : push_number(push);
}

/* Drops what was collected once its outermost container has been told. */
static void drop_collected(struct json_push *push)
{
    push->ended = push->collecting = false;
    push->cell_count = 0;
    arena_release(&push->bytes);
}

/* The next token, or the rest of one; JSON_WHOLE stands for: go on. */
static enum json_event next_token(struct json_push *push)
{
    if (push->state == PUSH_WORD || push->state == PUSH_NUMBER)
        return token_rest(push);
    while (push->at < push->end && is_blank(*push->at))
        push->at++;
    return push->at < push->end ? between(push) : JSON_MORE;
}

enum json_event json_push_next(struct json_push *push)
{
    enum json_event event;

    if (push->state == PUSH_STRING)
        return push_string(push);
    if (push->ended)
        drop_collected(push);
    do {
        if (push->state == PUSH_ENDED) {
            push->state = PUSH_BEHIND;
            return JSON_WHOLE;
        }
        if (push->state == PUSH_REFUSED)
            return JSON_REFUSED;
        event = next_token(push);
    } while (event == JSON_WHOLE);
    return event;
}

enum json_event json_push_end(struct json_push *push)
{
    if (push->ended)
        drop_collected(push);
    if (push->state == PUSH_NUMBER)
        return push_number_end(push);
    if (push->state == PUSH_ENDED)
        push->state = PUSH_BEHIND;
    if (json_push_whole(push))
        return JSON_WHOLE;
    return push->state == PUSH_REFUSED ? JSON_REFUSED : push_refuse(push, "more of the text");
}

void json_push_most(struct json_push *push, uint64_t children)
{
    push->levels[push->depth - 1].most = children;
}
