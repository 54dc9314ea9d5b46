/* Runs of bytes that stand for themselves go out as parts of the piece; an escape goes out when it
 * is complete. A string that begins and ends in one piece and has no escapes makes one event. */
#include "document/json_push_internal.h"

#include "document/json_push_block.h"
#include "document/utf8.h"

static inline bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* Adds the plain bytes at `at`, no further than `end`, one by one. */
static void scan_bytes(struct json_run *run, const char *at, const char *end)
{
    for (; at < end && is_plain((unsigned char)*at); at++) {
        run->high |= (unsigned char)*at & 0x80u;
        run->points += ((unsigned char)*at & 0xC0) != 0x80;
        run->len++;
    }
}

#ifdef __SSE2__
enum { SHORT_BYTES = 32 };

/* Of at most 32 bytes, by their first sixteen and their last sixteen, which lie in the piece: where
 * fewer are left both are the last, and begin before `at`. How many there are no branch could
 * foresee; that all are ASCII, it can. */
static inline struct block look_at_short(const char *at, const char *end)
{
    const char *from = at < end - 16 ? at : end - 16;
    struct block first = look_at(from), last = look_at(end - 16);
    unsigned apart = (unsigned)(end - 16 - from), before = (unsigned)(at - from);

    if ((first.high | last.high) == 0)
        return (struct block){.stops = (last.stops << apart | first.stops) >> before};
    return (struct block){(last.stops << apart | first.stops) >> before,
                          (last.high << apart | first.high) >> before,
                          (last.continuing << apart | first.continuing) >> before};
}

/* The run at the start of a block of `left` bytes. */
static inline void take_block(struct json_run *run, struct block block, size_t left)
{
    unsigned plain = (unsigned)__builtin_ctzll(block.stops | UINT64_C(1) << left);
    uint64_t bits = (UINT64_C(1) << plain) - 1;

    run->len = run->points = plain;
    run->high = block.high & bits;
    run->placed = true;
    if (run->high != 0)
        run->points -= count_ones(block.continuing & bits);
}

static void scan_long(struct json_run *run, const char *at, const char *end)
{
    struct block block = {0};
    size_t len = 0, points = 0;
    uint64_t high = 0;

    for (; end - at > SHORT_BYTES; at += 16) {
        block = look_at(at);
        if (block.stops != 0)
            break;
        len += 16;
        points += block.high != 0 ? 16 - count_ones(block.continuing) : 16;
        high |= block.high;
    }
    if (block.stops != 0)
        take_block(run, block, 16);
    else
        take_block(run, look_at_short(at, end), (size_t)(end - at));
    run->placed = len == 0;
    run->len += len;
    run->points += points;
    run->high |= high;
}
#endif

/* Fills push->run with the run at push->at. */
static inline void scan(struct json_push *push)
{
    const char *at = push->at, *end = push->end;

#ifdef __SSE2__
    if (end - at > SHORT_BYTES) {
        scan_long(&push->run, at, end);
        return;
    }
    if (end - push->piece >= 16) {
        take_block(&push->run, look_at_short(at, end), (size_t)(end - at));
        return;
    }
#endif
    push->run = (struct json_run){0};
    scan_bytes(&push->run, at, end);
}

/* A sequence of two bytes: the usual one where most is ASCII. */
static inline bool is_pair(const char *at, const char *end)
{
    return (unsigned char)at[0] >= 0xC2 && (unsigned char)at[0] < 0xE0 && end - at >= 2 &&
           ((unsigned char)at[1] & 0xC0) == 0x80;
}

/* Bytes of the run's longest well-formed prefix, from `from` on; its length when all of it is. */
static inline size_t well_formed(const struct json_run *run, const char *at, size_t from)
{
    if (!run->placed)
        return from + utf8_valid((struct text){at + from, run->len - from});
    for (uint64_t high = run->high >> from << from; high != 0;) {
        unsigned first = (unsigned)__builtin_ctzll(high);
        size_t len = 2;

        if (!is_pair(at + first, at + run->len))
            len = utf8_sequence((struct text){at + first, run->len - first});
        if (len == 0)
            return first;
        high &= ~(((UINT64_C(1) << len) - 1) << first);
    }
    return run->len;
}

/* The token is complete: an event, unless it is a name that was there before. */
static enum json_event finish(struct json_push *push, struct text text)
{
    push->text = text;
    push->cell = (struct cell){
        .type = CELL_STRING,
        .flags = (uint8_t)((push->high ? 0 : CELL_ASCII) | (push->escaped ? CELL_ESCAPED : 0)),
        .size = (uint32_t)text.len};
    push->cell.text = text.at;
    push->byte = push_byte(push, push->at);
    if (push->in_name && !push_name_add(push, text))
        return push_refuse(push, "a name that the object does not have yet");
    push->at++;
    if (push->in_name)
        cell_hash_name(&push->cell);
    if (push->collecting)
        push_collect_scalar(push, &push->cell);
    if (push->in_name)
        push->state = PUSH_COLON;
    else
        push_ended(push);
    return push->in_name ? JSON_NAME : JSON_STRING;
}

/* A run of ASCII is told with the start: what more there is to see of it is seen. */
static void take_first_run(struct json_push *push)
{
    const struct json_run *run = &push->run;
    const char *start = push->at;

    push->part = (struct text){0};
    push->run_known = run->high != 0;
    if (push->run_known)
        return;
    push->part_byte = push_byte(push, start);
    push->at += run->len;
    push_part(push, (struct text){start, run->len}, run->points, false);
}

enum json_event push_string_start(struct json_push *push, bool name)
{
    const struct json_run *run = &push->run;

    push->start = push->byte = push_byte(push, push->at++);
    push->in_name = name;
    push->escaped = push->parts = false;
    scan(push);
    if (run->len < (size_t)(push->end - push->at) && push->at[run->len] == '"' &&
        (run->high == 0 || well_formed(run, push->at, 0) == run->len)) {
        push->high = run->high != 0;
        push->at += run->len;
        return finish(push, (struct text){push->at - run->len, run->len});
    }
    push->high = false;
    push->parts = true;
    push->gathering = name || push->collecting;
    push->token.len = 0;
    push->points = push->told_above = 0;
    push->tail = 0;
    push->high_surrogate = 0;
    push->token_state = STRING_PLAIN;
    push->state = PUSH_STRING;
    take_first_run(push);
    return name ? JSON_NAME_START : JSON_STRING_START;
}

void json_push_gather(struct json_push *push)
{
    if (push->gathering)
        return;
    push->gathering = true;
    buffer_put(&push->token, push->part);
}

/* One byte of a sequence beyond ASCII: Unicode, table 3-7. */
static bool step_utf8(struct json_push *push, unsigned char byte)
{
    if (push->tail > 0) {
        if (byte < push->tail_low || byte > push->tail_high)
            return false;
        push->tail--;
    } else if (byte < 0xC2 || byte > 0xF4) {
        return byte < 0x80;
    } else {
        push->tail = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    }
    push->tail_low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    push->tail_high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    return true;
}

/* The rest of a sequence that was cut, whole ones, and one that is cut now or wrong. Returns false
 * where a byte is wrong, at that byte. */
static bool take_sequences(struct json_push *push, const struct json_run *run)
{
    const char *start = push->at, *run_end = start + run->len;

    for (; push->tail > 0 && push->at < run_end; push->at++) {
        if (!step_utf8(push, (unsigned char)*push->at))
            return false;
    }
    push->at = start + well_formed(run, start, (size_t)(push->at - start));
    for (; push->at < run_end; push->at++) {
        if (!step_utf8(push, (unsigned char)*push->at))
            return false;
    }
    return push->tail == 0 || push->at == push->end;
}

/* A run in which a sequence is cut, or a byte is wrong: what stands before that is told first, for
 * it may decide. */
static enum json_event take_cut_run(struct json_push *push)
{
    const char *start = push->at;
    struct json_run run = push->run;

    if (!take_sequences(push, &run)) {
        if (push->at == start)
            return push_refuse(push, "well-formed UTF-8");
        run = (struct json_run){0};
        scan_bytes(&run, start, push->at);
    }
    return push_part(push, (struct text){start, run.len}, run.points, false);
}

/* A run of bytes that stand for themselves; it is not empty. */
static inline enum json_event take_run(struct json_push *push)
{
    const struct json_run *run = &push->run;
    const char *start = push->at;

    if (!push->run_known)
        scan(push);
    push->run_known = false;
    push->part_byte = push_byte(push, start);
    if (run->high != 0 || push->tail > 0) {
        push->high = true;
        if (push->tail > 0 || well_formed(run, start, 0) < run->len)
            return take_cut_run(push);
    }
    push->at += run->len;
    return push_part(push, (struct text){start, run->len}, run->points, false);
}

static struct text gathered(const struct json_push *push)
{
    return push->gathering ? buffer_text(&push->token) : (struct text){0};
}

enum json_event push_string(struct json_push *push)
{
    enum json_event event = JSON_WHOLE;

    while (event == JSON_WHOLE && push->at < push->end) {
        unsigned char byte = (unsigned char)*push->at;

        if (push->token_state != STRING_PLAIN) {
            event = push_escape(push);
        } else if (byte >= 0x20 && byte != '"' && byte != '\\') {
            event = take_run(push);
            if (event == JSON_PART && push->tail == 0 && push->at < push->end && *push->at == '"')
                event = finish(push, gathered(push)); /* the last part comes with the end */
        } else if (push->tail > 0) {
            event = push_refuse(push, "well-formed UTF-8");
        } else if (byte == '"') {
            push->part.len = 0;
            event = finish(push, gathered(push));
        } else if (byte == '\\') {
            push->escaped = true;
            push->token_state = STRING_ESCAPE;
            push->at++;
        } else {
            event = push_refuse(push, "an escape for a control character");
        }
    }
    return event == JSON_WHOLE ? JSON_MORE : event;
}
